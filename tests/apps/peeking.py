"""An app that shows all that its Streamlit session holds."""

import streamlit as st

from streamlit_persistauth import Authenticator

Authenticator().register_form()
st.button("Look")
st.text(repr(dict(st.session_state)))


@st.fragment(run_every=0.5)
def look_on() -> None:
    """Look while only fragments run."""
    st.text(repr(dict(st.session_state)))


look_on()
