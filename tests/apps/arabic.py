"""An app in Arabic, with its own words in our forms and panels."""

import streamlit as st
from tests.support.arabic import LABELS

from streamlit_persistauth import Authenticator

auth = Authenticator(labels=LABELS)
if auth.user is None:
    with st.container(width=440):
        auth.login_form()
        auth.register_form()
else:
    st.text(f"مرحبا {auth.user.full_name}")
    auth.user_menu(location="sidebar")
    auth.account_panel()
st.text("Beside it, English.")
