"""An app with a chain of caches."""

import streamlit as st

from streamlit_persistauth import Authenticator

Authenticator(cache=["cookie", "local_storage"]).guard()
st.text("inside")
