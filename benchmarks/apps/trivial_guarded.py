"""The trivial page under `st.App`, for signed-in users."""

import streamlit as st

from streamlit_persistauth import Authenticator

auth = Authenticator()

if __name__ == "__main__":
    auth.guard()
    st.text("Hello")
else:
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
