"""The card that a form stands on: in the middle, and as wide as a phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.ui.brand import draw_brand
from streamlit_persistauth.ui.location import Location, place

WIDTH: Final = 440
"""Pixels of the card; less where there is less room."""


@contextmanager
def card(location: Location, settings: AuthSettings) -> Iterator[None]:
    """Put what is drawn inside on a card.

    Args:
        location: Where on the page it goes.
        settings: What stands on top of it: the app's logo and name.
    """
    with (
        place(location),
        st.container(horizontal_alignment="center"),
        st.container(width=WIDTH, border=True),
    ):
        draw_brand(settings.app_name, settings.logo)
        yield
