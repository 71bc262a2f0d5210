"""The page that the test apps protect."""

import os

import streamlit as st

from streamlit_persistauth import Authenticator, User


def chosen_caches() -> list[str] | None:
    """Return the caches that a test sets, or None for the default."""
    names = os.environ.get("TEST_CACHES", "")
    return names.split(",") if names else None


def draw(auth: Authenticator, user: User) -> None:
    """Show a title, the user's name, a counter and the log-out."""
    st.title("Dashboard")
    st.text(user.full_name)
    clicks = st.session_state.setdefault("clicks", 0)
    if st.button("Click me"):
        clicks += 1
        st.session_state["clicks"] = clicks
    st.text(f"Clicks: {clicks}")
    auth.logout_button()
