"""The page that shows who is signed in."""

import streamlit as st

from streamlit_persistauth import Authenticator

auth = Authenticator()


def draw() -> None:
    """Show a title, the user's name, and the menu."""
    user = auth.guard()
    auth.user_menu()
    st.title("Dashboard")
    st.text(user.full_name)
