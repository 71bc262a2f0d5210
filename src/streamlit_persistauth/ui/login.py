"""The form that signs in."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from streamlit_persistauth.run import in_script_run
from streamlit_persistauth.ui.direction import directed
from streamlit_persistauth.ui.labels import Labels
from streamlit_persistauth.ui.submission import Answer, Submission


@dataclass(frozen=True, slots=True)
class LoginInput:
    """What a person typed."""

    email: str
    password: str
    remember: bool


def draw_login(
    submit: Callable[[LoginInput], Answer | None], *, key: str, labels: Labels, offer_remember: bool
) -> None:
    """Draw the form, and pass on what is submitted.

    Args:
        submit: Takes the input; returns what to say if it does not sign in.
        key: Of the form's widgets.
        labels: Its texts.
        offer_remember: Whether there is a choice to stay signed in.
    """
    if not in_script_run():
        return  # as in `draw_form`
    submission = Submission(key, labels)
    with directed(labels, key), st.form(key, border=True):
        st.subheader(labels("Sign in"), anchor=False)
        typed = LoginInput(
            email=st.text_input(
                labels("Email"),
                key=f"{key}:email",
                autocomplete="username",
            ),
            password=st.text_input(
                labels("Password"),
                key=submission.secret_key("password"),
                type="password",
                autocomplete="current-password",
            ),
            remember=offer_remember
            and st.checkbox(labels("Keep me signed in"), value=True, key=f"{key}:remember"),
        )
        pressed = st.form_submit_button(labels("Sign in"), type="primary", width="stretch")
        submission.show_answer()
    if pressed:
        submission.finish(_answer(typed, submit))


def _answer(typed: LoginInput, submit: Callable[[LoginInput], Answer | None]) -> Answer | None:
    if not typed.email.strip() or not typed.password:
        return Answer("Please enter your email and your password.")
    return submit(typed)
