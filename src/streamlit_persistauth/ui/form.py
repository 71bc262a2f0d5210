"""A form: its fields, its button, and the submission."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st

from streamlit_persistauth.errors import AuthError, StoreError
from streamlit_persistauth.runtime.hidden_elements import class_of
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
"""Streamlit shows "Press Enter to submit form" in English only, and over a long text.

It also keeps a focused field or button until the end of the run, below the one that replaced it.
"""
Typed = Mapping[str, str]
"""The typed texts by the label of the field; a checkbox has "on" or an empty string."""
Submit = Callable[[Typed], Answer | None]


@dataclass(frozen=True, slots=True)
class Field:
    """A text field.

    Attributes:
        label: The label; also the key of the typed text.
        autocomplete: The HTML autofill field name, for password managers.
        secret: Whether the field is masked, and emptied after each submission.
        missing: The error if nothing is typed; empty if the field is optional.
        repeats: The label of the field whose text has to be repeated; empty for none.
        faults: The errors that are shown below this field instead of below the form.
    """

    label: str
    autocomplete: str
    secret: bool = False
    missing: str = ""
    repeats: str = ""
    faults: tuple[type[AuthError], ...] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """The content of a form.

    Attributes:
        title: The heading.
        fields: The fields, from top to bottom.
        button: The label of the button.
        hint: A line below the heading; empty for none.
        tick: The label of a checkbox that is ticked at first; empty for none.
        tick_hint: A line below the checkbox; empty for none.
    """

    title: str
    fields: tuple[Field, ...]
    button: str
    hint: str = ""
    tick: str = ""
    tick_hint: str = ""


def draw_form(
    form: Form,
    submit: Submit,
    *,
    key: str,
    t: Translator,
    given: Typed | None = None,
    meter: Meter | None = None,
    border: bool = True,
) -> None:
    """Draw a form, and call `submit` when it is submitted.

    Args:
        form: The content.
        submit: Takes the typed texts; returns the answer to show, or None. An `AuthError` that it
            raises is shown too, below the field that declares it or below the form.
        key: The key of the form; prefix of its widget keys.
        t: The texts.
        given: Initial texts of fields that are not secret, by label.
        meter: The strength meter below a new password.
        border: Whether the form has a border.
    """
    submission = Submission(key, t)
    keys = {field.label: _key(field, submission, key) for field in form.fields}
    with st.form(key, border=border):
        _draw_style(key, keys.values())
        typed, pressed = _draw_inside(form, submission, keys, t, given=given or {}, meter=meter)
    if meter is not None:
        meter.watch(key, keys, t)
    focused = keys.get(submission.focus(form.fields))
    draw_focus(key, f".{class_of(focused)} input" if focused else "", submission.fault_key)
    if pressed:
        answer = None
        with uninterrupted(), submission.session_lock():
            if not submission.is_over():
                answer = _answer(form, submit, typed)
                submission.take(answer)
        submission.rerun(answer)  # `st.rerun` has no effect inside `uninterrupted`


def _draw_inside(
    form: Form,
    submission: Submission,
    keys: Mapping[str, str],
    t: Translator,
    *,
    given: Typed,
    meter: Meter | None,
) -> tuple[Typed, bool]:
    """Draw the inside of a form; return the typed texts, and whether the button was pressed."""
    key = submission.key
    if title := t(form.title):
        st.subheader(title, anchor=False)
    if form.hint and (hint := t(form.hint)):
        st.markdown(hint)  # `st.caption` has too little contrast
    typed: dict[str, str] = {}
    for field in form.fields:
        typed[field.label] = _draw(field, keys[field.label], t, given.get(field.label, ""))
        submission.show_answer(at=field.label)
        if meter is not None and meter.field == field.label:
            meter.draw(key, t)
    if form.tick:
        typed[form.tick] = _draw_tick(form, key, t)
    # A new key after each submission: a double click submits once.
    pressed = _draw_button(t.name(form.button), submission.fresh_key("submit"))
    submission.show_answer()
    return typed, pressed


def _answer(form: Form, submit: Submit, typed: Typed) -> Answer | None:
    """Submit a complete form; return the answer to show."""
    incomplete = _find_incomplete(form.fields, typed)
    if incomplete is not None:
        return incomplete
    try:
        return submit(typed)
    except StoreError:
        return Answer(UNAVAILABLE)
    except AuthError as refusal:
        concerned = [field.label for field in form.fields if isinstance(refusal, field.faults)]
        return Answer(refusal.message, at=concerned[0] if concerned else "")


def _find_incomplete(fields: tuple[Field, ...], typed: Typed) -> Answer | None:
    """Return the error of the first field that is empty or repeated wrongly."""
    for field in fields:
        text = typed[field.label]
        if field.missing and not (text if field.secret else text.strip()):
            return Answer(field.missing, at=field.label)
        if field.repeats and text != typed[field.repeats]:
            return Answer("The passwords don't match.", at=field.label)
    return None


def _key(field: Field, submission: Submission, key: str) -> str:
    own = widget_key(f"{key}:{field.label}")
    return submission.secret_key(field.label) if field.secret else own


def _draw_style(key: str, field_keys: Iterable[str]) -> None:
    fields = ", ".join(f".{class_of(field_key)}" for field_key in field_keys)
    st.html(_STYLE.format(fields=fields, form=class_of(key)))


def _draw(field: Field, key: str, t: Translator, given: str) -> str:
    if given:
        st.session_state.setdefault(key, given)
    return st.text_input(
        **t.label(field.label),
        key=key,
        type="password" if field.secret else "default",
        autocomplete=field.autocomplete,
    )


def _draw_tick(form: Form, key: str, t: Translator) -> str:
    """Draw the checkbox with its hint; return "on" if it is ticked, or an empty string.

    The hint is no tooltip: a press on the sign of a tooltip would also change the checkbox.
    """
    with st.container(gap=None):
        ticked = st.checkbox(**t.label(form.tick), value=True, key=widget_key(f"{key}:{form.tick}"))
        if form.tick_hint and (hint := t(form.tick_hint)):
            st.markdown(hint)
    return "on" if ticked else ""


def _draw_button(text: str, key: str) -> bool:
    """Draw the button, disabled and with a spinner from the press until the answer.

    Both states have the same key, so Streamlit changes the button in place. A second button with a
    key of its own would stay above the first one until the end of the run.
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
