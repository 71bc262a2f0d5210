"""A place on the page that nobody sees, and that leaves no gap."""

from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streamlit_persistauth.run import run_memory

_STYLE: Final = (
    '<style>[data-testid="stLayoutWrapper"]:has(> .st-key-{key}),'
    ".st-key-{key} {{display: none}}</style>"
)


def hidden_place(key: str) -> DeltaGenerator:
    """Return this run's hidden place of a name; what is drawn in it replaces what was there."""
    memory, slot = run_memory(), ("hidden", key)
    if slot not in memory:
        with st.container(key=key):
            st.html(_STYLE.format(key=key))
            memory[slot] = st.empty()
    place: DeltaGenerator = memory[slot]
    return place
