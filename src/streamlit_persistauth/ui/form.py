"""One form: its fields, its button, and what becomes of what is typed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from streamlit_persistauth.errors import AuthError, StoreError
from streamlit_persistauth.run import in_script_run
from streamlit_persistauth.ui.direction import directed
from streamlit_persistauth.ui.labels import Labels
from streamlit_persistauth.ui.notices import UNAVAILABLE
from streamlit_persistauth.ui.submission import Answer, Submission

Typed = Mapping[str, str]
"""What a person typed, by the label of the field."""


@dataclass(frozen=True, slots=True)
class Field:
    """One line to type into.

    Attributes:
        label: What stands above it; the name of what is typed.
        autocomplete: What a password manager shall fill in or keep (HTML, autofill field names).
        secret: Whether it is masked, and forgotten after each submission.
    """

    label: str
    autocomplete: str
    secret: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """What a form looks like.

    Attributes:
        title: Its heading.
        fields: From top to bottom.
        button: What stands on its button.
        hint: A line below the heading, if any.
    """

    title: str
    fields: tuple[Field, ...]
    button: str
    hint: str = ""


def draw_form(
    form: Form, submit: Callable[[Typed], Answer | None], *, key: str, labels: Labels
) -> None:
    """Draw a form, and pass on what is submitted.

    Args:
        form: What it looks like.
        submit: Takes what was typed; returns what to say, if anything. An `AuthError` that it
            raises is said, too.
        key: Of the form's widgets.
        labels: Its texts.
    """
    if not in_script_run():
        return  # a form without a page would put every page of this process into a form
    submission = Submission(key, labels)
    with directed(labels, key), st.form(key, border=True):
        st.subheader(labels(form.title), anchor=False)
        if form.hint:
            st.markdown(labels(form.hint))  # not a caption: that is too pale to be read by all
        typed = {field.label: _draw(field, submission, key, labels) for field in form.fields}
        pressed = st.form_submit_button(labels(form.button), type="primary", width="stretch")
        submission.show_answer()
    if pressed:
        submission.finish(_answer(submit, typed))


def _answer(submit: Callable[[Typed], Answer | None], typed: Typed) -> Answer | None:
    """Submit, and return what to say; what refuses it says so itself."""
    try:
        return submit(typed)
    except StoreError:
        return Answer(UNAVAILABLE)
    except AuthError as refusal:
        return Answer(refusal.message)


def _draw(field: Field, submission: Submission, key: str, labels: Labels) -> str:
    return st.text_input(
        labels(field.label),
        key=submission.secret_key(field.label) if field.secret else f"{key}:{field.label}",
        type="password" if field.secret else "default",
        autocomplete=field.autocomplete,
    )
