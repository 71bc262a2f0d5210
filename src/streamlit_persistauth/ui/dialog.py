"""Dialogs over a page: open, ask, show the next step, close."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from streamlit_persistauth.runtime.hidden_elements import class_of
from streamlit_persistauth.runtime.own_state import page_values
from streamlit_persistauth.runtime.script_run import in_fragment
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.direction import directed
from streamlit_persistauth.ui.elements import draw_button, draw_toast
from streamlit_persistauth.ui.focus import draw_focus
from streamlit_persistauth.ui.translator import Translator

_STEP: Final = "persistauth:dialog:step"
_STEP_CHANGED: Final = "persistauth:dialog:step_changed"
_TOAST: Final = "persistauth:dialog:toast"


def open_dialog(
    title: str,
    draw: Callable[[], None],
    *,
    key: str,
    t: Translator,
    dismissed: Callable[[], None] | None = None,
) -> None:
    """Open a dialog. Its content then reruns alone, without the code of the page.

    Args:
        title: The title.
        draw: Draws the content, in each run of the dialog.
        key: Prefix of the container key.
        t: The texts.
        dismissed: Called when the user closes the dialog; the page runs then.
    """

    def draw_inside() -> None:
        with directed(t, f"{key}-dialog"):
            draw()

    st.dialog(t.name(title), on_dismiss=dismissed or "ignore")(draw_inside)()


def open_steps(title: str, draw: Callable[[], None], *, key: str, t: Translator) -> None:
    """Open a dialog of several steps at its first one; closing it forgets the step.

    A step replaces the button that had the keyboard focus, and without a focus the dialog does not
    see the Escape key. So the first button of each step takes the focus.
    """
    _forget_step()
    content = f"{key}:step"

    def draw_step() -> None:
        with st.container(key=content):
            draw()
        is_new = page_values().pop(_STEP_CHANGED, False)
        draw_focus(content, f".{class_of(content)} button" if is_new else "")

    open_dialog(title, draw_step, key=key, t=t, dismissed=_forget_step)


def current_step() -> object:
    """Return the step that `go_to` chose, or None for the first one."""
    return page_values().get(_STEP)


def go_to(step: object) -> None:
    """Show another step of the open dialog; None for the first one."""
    page_values().update({_STEP: step, _STEP_CHANGED: True})
    st.rerun(scope="fragment" if in_fragment() else "app")


def close(done: str = "") -> None:
    """Close the open dialog; the page then shows a toast, unless the text is empty."""
    _forget_step()
    if done:
        page_values()[_TOAST] = done
    st.rerun()


def draw_toast_of_dialog(t: Translator) -> None:
    """Show the toast that the dialog closed with, once."""
    done = page_values().pop(_TOAST, None)
    if isinstance(done, str):
        draw_toast(t(done), icon=":material/check:")


def draw_choice(confirm: Text, t: Translator) -> bool | None:
    """Draw "Cancel" and a button that confirms; return which one was pressed, or None."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        is_cancelled = draw_button(t("Cancel"))
        is_confirmed = st.button(t.name(confirm), type="primary", key=widget_key(f"{_STEP}:yes"))
    if is_cancelled:
        return False
    return True if is_confirmed else None


def _forget_step() -> None:
    for key in (_STEP, _STEP_CHANGED):
        page_values().pop(key, None)
