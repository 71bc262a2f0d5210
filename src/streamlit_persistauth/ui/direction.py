"""Forms and panels whose words run from right to left."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from streamlit_persistauth.runtime.hidden import class_of
from streamlit_persistauth.ui.translator import Translator

_STYLE: Final = """<style>
.{name}, [role="dialog"]:has(.{name}) {{ direction: rtl }}
.{name} :is(p, h1, h2, h3, h4, label) {{ unicode-bidi: plaintext; text-align: right }}
.{name} :is(input, textarea) {{ unicode-bidi: plaintext; text-align: start }}
.{name} button p {{ text-align: center }}
.{name} [data-testid="stButtonGroup"] button {{ border-radius: 0 }}
</style>"""
"""The layout is turned round, with the dialog that it is in; each line runs as its own letters do.

What is typed begins where they ask for, too. The corners of a switch are Streamlit's, for its ends
from left to right.
"""


@contextmanager
def directed(t: Translator, key: str) -> Iterator[None]:
    """Let what is drawn inside run in the direction of its words.

    Args:
        t: The words.
        key: Of what is drawn inside.
    """
    if not t.right_to_left:
        yield
        return
    place = f"{key}:direction"
    with st.container(key=place):
        st.html(_STYLE.format(name=class_of(place)))
        yield
