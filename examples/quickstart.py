"""The shortest app with accounts. Run it: `streamlit run quickstart.py`."""

import streamlit as st

from streamlit_persistauth import Authenticator

user = Authenticator().guard()
st.title(f"Welcome, {user.full_name}")
