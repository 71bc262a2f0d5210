"""An app whose entry script guards all its pages."""

import streamlit as st
from tests.apps.cases import auth, reveal


def first() -> None:
    """The page that an app opens with."""
    reveal("first")


def inside() -> None:
    """Another page."""
    reveal("inside")


pages = st.navigation([st.Page(first, default=True), st.Page(inside)])
auth.guard()
pages.run()
