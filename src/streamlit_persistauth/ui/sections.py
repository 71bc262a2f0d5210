"""The switch between the sections of a panel."""

from collections.abc import Mapping
from typing import Final

import streamlit as st

from streamlit_persistauth.hidden import class_of
from streamlit_persistauth.ui.labels import Labels

_STYLE: Final = "<style>.{name} p {{ color: canvastext }}</style>"
"""Streamlit writes what is chosen in a colour that is too pale on its ground (WCAG 1.4.3)."""


def choose_section(titles: Mapping[str, str], *, key: str, say: Labels) -> str:
    """Draw the switch; return the name of the section that is chosen, at first the first one.

    Args:
        titles: What each section is called, by its name.
        key: Of the switch, as a widget.
        say: The texts.
    """
    first = next(iter(titles))
    st.html(_STYLE.format(name=class_of(key)))
    chosen = st.segmented_control(
        say.name("Section"),
        list(titles),
        default=first,
        format_func=lambda name: say.name(titles[name]),
        key=key,
        label_visibility="collapsed",
    )
    return chosen or first
