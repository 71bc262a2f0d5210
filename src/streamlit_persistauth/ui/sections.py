"""The switch between the sections of a panel."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from streamlit_persistauth.runtime.hidden import class_of
from streamlit_persistauth.ui.translator import Translator

_STYLE: Final = "<style>.{name} p {{ color: canvastext }}</style>"
"""Streamlit writes what is chosen in a colour that is too pale on its ground (WCAG 1.4.3)."""


def choose_section(titles: Mapping[str, str], *, key: str, t: Translator) -> str:
    """Draw the switch; return the name of the section that is chosen, at first the first one.

    Args:
        titles: What each section is called, by its name.
        key: Of the switch, as a widget.
        t: The texts.
    """
    first = next(iter(titles))
    st.html(_STYLE.format(name=class_of(key)))
    chosen = st.segmented_control(
        t.name("Section"),
        list(titles),
        default=first,
        format_func=lambda name: t.name(titles[name]),
        key=key,
        label_visibility="collapsed",
    )
    return chosen or first
