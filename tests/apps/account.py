"""The page that shows who is signed in."""

import streamlit as st

from streamlit_persistauth import Authenticator

auth = Authenticator()


def draw() -> None:
    """Show a title, and the menu, in which the user's name is."""
    auth.guard()
    auth.user_menu()
    st.title("Dashboard")
