"""A place on the page that nobody sees, and that leaves no gap."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

_STYLE: Final = (
    '<style>[data-testid="stLayoutWrapper"]:has(> .st-key-{key}),'
    ".st-key-{key} {{display: none}}</style>"
)


@contextmanager
def hidden(key: str) -> Iterator[None]:
    """Draw what follows where nobody sees it.

    Args:
        key: Names the place; once in a run.
    """
    with st.container(key=key):
        st.html(_STYLE.format(key=key))
        yield
