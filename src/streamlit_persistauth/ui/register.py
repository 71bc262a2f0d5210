"""The form that makes an account."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from streamlit_persistauth.ui.labels import Labels
from streamlit_persistauth.ui.submission import Submission


@dataclass(frozen=True, slots=True)
class RegisterInput:
    """What a person typed."""

    full_name: str
    email: str
    password: str
    confirmation: str


def draw_register(
    submit: Callable[[RegisterInput], str | None], *, key: str, labels: Labels
) -> None:
    """Draw the form, and pass on what is submitted.

    Args:
        submit: Takes the input; returns what to say if it makes no account, else None.
        key: Of the form's widgets.
        labels: Its texts.
    """
    submission = Submission(key, labels)
    with st.form(key, border=True):
        st.subheader(labels("Create an account"), anchor=False)
        typed = RegisterInput(
            full_name=st.text_input(
                labels("Full name"),
                key=f"{key}:full_name",
                autocomplete="name",
            ),
            email=st.text_input(
                labels("Email"),
                key=f"{key}:email",
                autocomplete="username",
            ),
            password=_password(labels("Password"), submission.secret_key("password")),
            confirmation=_password(
                labels("Confirm password"), submission.secret_key("confirmation")
            ),
        )
        pressed = st.form_submit_button(labels("Create account"), type="primary", width="stretch")
        submission.show_message()
    if pressed:
        submission.finish(_answer(typed, submit))


def _password(label: str, key: str) -> str:
    return st.text_input(
        label,
        key=key,
        type="password",
        autocomplete="new-password",
    )


def _answer(typed: RegisterInput, submit: Callable[[RegisterInput], str | None]) -> str | None:
    if not typed.email.strip() or not typed.password:
        return "Please enter your email and a password."
    if typed.password != typed.confirmation:
        return "The two passwords are not the same."
    return submit(typed)
