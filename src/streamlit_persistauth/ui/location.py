"""Where on the page a form or a panel goes."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streamlit_persistauth.ui.direction import directed
from streamlit_persistauth.ui.labels import Labels

Location = Literal["main", "sidebar"] | DeltaGenerator


@contextmanager
def place(location: Location, say: Labels, key: str) -> Iterator[None]:
    """Put what is drawn inside where it belongs, in the direction of its words.

    Args:
        location: `"main"`, `"sidebar"` or a container itself.
        say: Its texts.
        key: Of what is drawn inside.
    """
    with _container(location), directed(say, key):
        yield


def _container(location: Location) -> DeltaGenerator:
    if location == "sidebar":
        return st.sidebar.container()
    if location == "main":
        return st.container()
    return location
