"""An app whose page titles only users may see."""

import os

import streamlit as st

from streamlit_persistauth import Authenticator

auth = Authenticator(cache=os.environ.get("TEST_CACHE") or None)


def overview() -> None:
    """The page that the app opens with."""
    st.text("overview of the house")
    auth.logout_button()


def payroll() -> None:
    """Another page."""
    st.text("payroll of the house")
    auth.logout_button()


def main() -> None:
    """Draw a page, by the documented call."""
    pages = [
        st.Page(overview, title="Titanic overview", icon=":material/visibility:", default=True),
        st.Page(payroll, title="Titanic payroll", icon=":material/payments:"),
    ]
    auth.navigation({"Titanic section": pages}).run()


def resumed() -> None:
    """Draw a page, with a navigation for users only."""
    if auth.auto_login() is None:
        auth.guard()
    st.navigation([st.Page(overview, default=True), st.Page(payroll)]).run()
