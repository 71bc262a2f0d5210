"""Elements that are left out if their text is empty: an app hides a text by an empty label."""

from collections.abc import Callable
from typing import Any

import streamlit as st


def draw_toast(text: str, *, icon: str | None = None) -> None:
    """Show a toast."""
    if text:
        st.toast(text, icon=icon)


def draw_box(box: Callable[..., object], text: str, *, icon: str | None = None) -> None:
    """Draw a message in a box: `st.error`, `st.warning`, `st.info` or `st.success`."""
    if text:
        box(text, icon=icon)


def draw_button(text: str, **options: Any) -> bool:  # noqa: ANN401 - of `st.button`
    """Draw a button; return whether it was pressed."""
    return bool(text) and st.button(text, **options)
