"""Administration: accounts, sign-ins and what happened. For administrators."""

from datetime import timedelta

import streamlit as st

from streamlit_persistauth import Authenticator

auth = Authenticator()
# Whoever sits down at an unlocked screen would have to know the password.
auth.guard(roles="admin", max_age=timedelta(hours=1))

st.title("Administration")
auth.admin_panel()
