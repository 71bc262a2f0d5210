"""Account: name, email, password and devices of the current user."""

import streamlit as st

from streamlit_persistauth import Authenticator

auth = Authenticator()
auth.guard()

st.title("Account")
auth.account_panel()
