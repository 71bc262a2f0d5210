"""The switch between the sections of a panel."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from streamlit_persistauth.runtime.hidden_elements import class_of
from streamlit_persistauth.ui.translator import Translator

_STYLE: Final = "<style>.{name} p {{ color: canvastext }}</style>"
"""Streamlit's colour for the selected label has too little contrast (WCAG 1.4.3)."""


def choose_section(titles: Mapping[str, str], *, key: str, t: Translator) -> str:
    """Draw the switch; return the name of the selected section, at first the first one.

    Args:
        titles: The title of each section, by its name.
        key: The widget key of the switch.
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
