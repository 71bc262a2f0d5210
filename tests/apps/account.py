"""The page that shows the current user."""

import streamlit as st

from streamlit_persistauth import Authenticator

auth = Authenticator()


def draw() -> None:
    """Show a title, and the menu, in which the user's name is."""
    auth.guard()
    auth.user_menu()
    st.title("Dashboard")
