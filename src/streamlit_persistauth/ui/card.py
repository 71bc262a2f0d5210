"""The card that a form stands on: in the middle, and as wide as a phone."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.ui.brand import draw_brand
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.translator import Translator

WIDTH: Final = 440
"""Pixels of the card; less where there is less room."""


@contextmanager
def card(location: Location, settings: AuthSettings, t: Translator, key: str) -> Iterator[None]:
    """Put what is drawn inside on a card.

    Args:
        location: Where on the page it goes.
        settings: What stands on top of it: the app's logo and name.
        t: The texts of what is drawn inside.
        key: Of what is drawn inside.
    """
    with (
        place(location, t, f"{key}-card"),
        st.container(horizontal_alignment="center"),
        st.container(width=WIDTH, border=True),
    ):
        draw_brand(settings.app_name, settings.logo)
        yield


@contextmanager
def column(location: Location, t: Translator, key: str) -> Iterator[None]:
    """Put a form that has an outline of its own in a place as wide as a card."""
    with place(location, t, f"{key}-column"), st.container(width=WIDTH):
        yield
