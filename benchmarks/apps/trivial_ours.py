"""The trivial page under `st.App`, with our routes and middleware."""

import streamlit as st

from streamlit_persistauth import Authenticator

if __name__ == "__main__":
    st.text("Hello")
else:
    auth = Authenticator()
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
