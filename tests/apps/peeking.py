"""An app that shows all that its Streamlit session holds."""

import streamlit as st

from streamlit_persistauth import Authenticator

Authenticator().register_form()
st.button("Look")
st.text(repr(dict(st.session_state)))
