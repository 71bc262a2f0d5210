"""The centred card that a form is drawn on."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import streamlit as st

from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.ui.brand import draw_brand
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.translator import Translator

WIDTH: Final = 440
"""Width of the card in pixels; it shrinks on narrow screens."""


@contextmanager
def card(location: Location, settings: AuthSettings, t: Translator, key: str) -> Iterator[None]:
    """Draw the block on a card, below the logo and the name of the app.

    Args:
        location: Where the card goes.
        settings: The settings that name the app and its logo.
        t: The texts.
        key: Prefix of the container keys.
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
    """Draw the block as wide as a card, for a form with a border of its own."""
    with place(location, t, f"{key}-column"), st.container(width=WIDTH):
        yield
