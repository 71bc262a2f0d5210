"""Account: name, email, password and devices of whoever is signed in."""

import streamlit as st

from streamlit_persistauth import Authenticator

auth = Authenticator()
auth.guard()

st.title("Account")
auth.account_panel()
