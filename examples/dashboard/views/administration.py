"""Administration: accounts, sign-ins and events. For administrators."""

from datetime import timedelta

import streamlit as st

from streamlit_persistauth import Authenticator

auth = Authenticator()
# A person at an unlocked screen has to enter the password.
auth.guard(roles="admin", max_age=timedelta(hours=1))

st.title("Administration")
auth.admin_panel()
