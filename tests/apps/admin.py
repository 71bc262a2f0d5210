"""An app whose one page administers its accounts."""

import streamlit as st

from streamlit_persistauth import Authenticator

auth = Authenticator()


def main() -> None:
    """Draw the panel for any signed-in user."""
    user = auth.guard()
    st.text(f"Signed in as {user.email}")
    auth.admin_panel()
