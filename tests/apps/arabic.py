"""An app in Arabic, with its own words in our forms."""

import streamlit as st
from tests.support.arabic import LABELS

from streamlit_persistauth import Authenticator

auth = Authenticator()
if auth.user is None:
    with st.container(width=440):
        auth.login_form(labels=LABELS)
        auth.register_form(labels=LABELS)
else:
    st.text(f"مرحبا {auth.user.full_name}")
st.text("Beside it, English.")
