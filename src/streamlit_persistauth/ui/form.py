"""One form: its fields, its button, and what becomes of what is typed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st

from streamlit_persistauth.errors import AuthError, StoreError
from streamlit_persistauth.runtime.hidden import class_of
from streamlit_persistauth.runtime.script_run import uninterrupted
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.ui.focus import draw_focus
from streamlit_persistauth.ui.meter import Meter
from streamlit_persistauth.ui.notices import UNAVAILABLE
from streamlit_persistauth.ui.submission import Answer, Submission
from streamlit_persistauth.ui.translator import Translator

_STYLE: Final = """<style>
:is({fields}) [data-testid=InputInstructions] {{ display: none }}
[class*="{form}-"][data-retained] {{ display: none }}
</style>"""
"""Streamlit says "Press Enter to submit form" in English alone, and over a long text.

It also keeps a field or button that has the keyboard until the end of the run, below the one that
has taken its place.
"""
Typed = Mapping[str, str]
"""What a person typed, by the label of the field; a box to tick holds "on" or nothing."""
Submit = Callable[[Typed], Answer | None]


@dataclass(frozen=True, slots=True)
class Field:
    """One line to type into.

    Attributes:
        label: What stands above it; the name of what is typed.
        autocomplete: What a password manager shall fill in or keep (HTML, autofill field names).
        secret: Whether it is masked, and forgotten after each submission.
        missing: What is said where nothing is typed; empty where that is allowed.
        repeats: The label of the field whose text it has to repeat, if any.
        faults: The refusals that are about what is typed here, and are said here.
    """

    label: str
    autocomplete: str
    secret: bool = False
    missing: str = ""
    repeats: str = ""
    faults: tuple[type[AuthError], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """What a form looks like.

    Attributes:
        title: Its heading.
        fields: From top to bottom.
        button: What stands on its button.
        hint: A line below the heading, if any.
        tick: What stands beside a box to tick, which is ticked at first, if there is one.
    """

    title: str
    fields: tuple[Field, ...]
    button: str
    hint: str = ""
    tick: str = ""


def draw_form(
    form: Form,
    submit: Submit,
    *,
    key: str,
    labels: Translator,
    given: Typed | None = None,
    meter: Meter | None = None,
    border: bool = True,
) -> None:
    """Draw a form, and pass on what is submitted.

    Args:
        form: What it looks like.
        submit: Takes what was typed; returns what to say, if anything. An `AuthError` that it
            raises is said, too: at the field that it is about, if there is one.
        key: Of the form's widgets.
        labels: Its texts.
        given: What stands in fields at first, by their labels; not in secret ones.
        meter: Says how good a password is while it is being chosen.
        border: Whether it has an outline of its own.
    """
    submission = Submission(key, labels)
    keys = {field.label: _key(field, submission, key) for field in form.fields}
    known = given or {}
    with st.form(key, border=border):
        _draw_style(key, keys.values())
        if title := labels(form.title):
            st.subheader(title, anchor=False)
        if form.hint and (hint := labels(form.hint)):
            st.markdown(hint)  # not a caption: that is too pale to be read by all
        typed: dict[str, str] = {}
        for field in form.fields:
            typed[field.label] = _draw(field, keys[field.label], labels, known.get(field.label, ""))
            submission.show_answer(at=field.label)
            if meter is not None and meter.field == field.label:
                meter.draw(key, labels)
        if form.tick:
            ticked = st.checkbox(
                **labels.label(form.tick), value=True, key=widget_key(f"{key}:{form.tick}")
            )
            typed[form.tick] = "on" if ticked else ""
        # A new key for each submission: what is pressed twice is submitted once.
        pressed = _draw_button(labels.name(form.button), submission.fresh_key("submit"))
        submission.show_answer()
    if meter is not None:
        meter.watch(key, keys, labels)
    draw_focus(key, keys.get(submission.focus(form.fields), ""), submission.fault_key)
    if pressed:
        answer = None
        with (
            uninterrupted(),
            submission.session_lock(),
        ):  # in which `st.rerun` would not break off either
            if not submission.is_over():
                answer = _answer(form, submit, typed)
                submission.take(answer)
        submission.draw_anew(answer)


def _answer(form: Form, submit: Submit, typed: Typed) -> Answer | None:
    """Submit what can be submitted, and return what to say; what refuses it says so itself."""
    incomplete = _look_over(form.fields, typed)
    if incomplete is not None:
        return incomplete
    try:
        return submit(typed)
    except StoreError:
        return Answer(UNAVAILABLE)
    except AuthError as refusal:
        concerned = [field.label for field in form.fields if isinstance(refusal, field.faults)]
        return Answer(refusal.message, at=concerned[0] if concerned else "")


def _look_over(fields: tuple[Field, ...], typed: Typed) -> Answer | None:
    """Return what is to be said of the first field that is not filled in as it has to be."""
    for field in fields:
        text = typed[field.label]
        if field.missing and not (text if field.secret else text.strip()):
            return Answer(field.missing, at=field.label)
        if field.repeats and text != typed[field.repeats]:
            return Answer("The two passwords are not the same.", at=field.label)
    return None


def _key(field: Field, submission: Submission, key: str) -> str:
    own = widget_key(f"{key}:{field.label}")
    return submission.secret_key(field.label) if field.secret else own


def _draw_style(key: str, field_keys: Iterable[str]) -> None:
    fields = ", ".join(f".{class_of(field_key)}" for field_key in field_keys)
    st.html(_STYLE.format(fields=fields, form=class_of(key)))


def _draw(field: Field, key: str, labels: Translator, given: str) -> str:
    if given:
        st.session_state.setdefault(key, given)
    return st.text_input(
        **labels.label(field.label),
        key=key,
        type="password" if field.secret else "default",
        autocomplete=field.autocomplete,
    )


def _draw_button(text: str, key: str) -> bool:
    """Draw the button; from the press until the answer, it is disabled and has a spinner.

    The key is the same in both states, so Streamlit changes the button in its place. A second
    button with a key of its own would stand above the first one until the run has ended.
    """
    busy = st.session_state.get(key) is True  # read first: a disabled button has no value
    pressed = st.form_submit_button(
        text,
        key=key,
        type="primary",
        width="stretch",
        icon="spinner" if busy else None,
        disabled=busy,
    )
    return pressed or busy
