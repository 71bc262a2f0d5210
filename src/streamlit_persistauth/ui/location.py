"""Where on the page a form goes."""

from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

Location = Literal["main", "sidebar"] | DeltaGenerator


def place(location: Location) -> DeltaGenerator:
    """Return the container that `"main"`, `"sidebar"` or a container itself stands for."""
    if location == "sidebar":
        return st.sidebar.container()
    if location == "main":
        return st.container()
    return location
