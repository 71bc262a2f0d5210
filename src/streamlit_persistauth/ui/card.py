"""The card that a form stands on: in the middle, and as wide as a phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from streamlit_persistauth.ui.brand import draw_brand
from streamlit_persistauth.ui.location import Location, place

WIDTH: Final = 440
"""Pixels of the card; less where there is less room."""


@contextmanager
def card(location: Location, *, name: str = "", logo: str = "") -> Iterator[None]:
    """Put what is drawn inside on a card.

    Args:
        location: Where on the page it goes.
        name: What the app is called, if that is to stand on top.
        logo: Its picture, above that.
    """
    with (
        place(location),
        st.container(horizontal_alignment="center"),
        st.container(width=WIDTH, border=True),
    ):
        draw_brand(name, logo)
        yield
