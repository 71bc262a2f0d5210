"""The layout of forms and panels whose texts run from right to left."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from streamlit_persistauth.runtime.hidden_elements import class_of
from streamlit_persistauth.ui.translator import Translator

_STYLE: Final = """<style>
.{name}, [role="dialog"]:has(.{name}) {{ direction: rtl }}
.{name} :is(p, h1, h2, h3, h4, label) {{ unicode-bidi: plaintext; text-align: right }}
.{name} :is(input, textarea) {{ unicode-bidi: plaintext; text-align: start }}
.{name} button p {{ text-align: center }}
.{name} [data-testid="stButtonGroup"] button {{ border-radius: 0 }}
</style>"""
"""The layout is mirrored, with the dialog around it; each line and input follows its own letters.

The switch loses its round corners, which Streamlit draws for left-to-right ends.
"""


@contextmanager
def directed(t: Translator, key: str) -> Iterator[None]:
    """Draw the block in the direction of its texts.

    Args:
        t: The texts.
        key: Prefix of the container key.
    """
    if not t.right_to_left:
        yield
        return
    place = f"{key}:direction"
    with st.container(key=place):
        st.html(_STYLE.format(name=class_of(place)))
        yield
