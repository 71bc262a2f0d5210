"""Forms and panels whose words run from right to left."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from streamlit_persistauth.hidden import class_of
from streamlit_persistauth.ui.labels import Labels

_STYLE: Final = (
    "<style>.{name} {{ direction: rtl }}"
    " .{name} :is(p, h1, h2, h3, h4, label, input, textarea)"
    " {{ unicode-bidi: plaintext; text-align: start }}"
    " .{name} button p {{ text-align: center }}</style>"
)
"""The layout is turned round; each line of text runs, and begins, where its own letters ask for."""


@contextmanager
def directed(say: Labels, key: str) -> Iterator[None]:
    """Let what is drawn inside run in the direction of its words.

    Args:
        say: The words.
        key: Of what is drawn inside.
    """
    if not say.right_to_left:
        yield
        return
    place = f"{key}:direction"
    with st.container(key=place):
        st.html(_STYLE.format(name=class_of(place)))
        yield
