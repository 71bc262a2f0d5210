"""The same served by `st.App`."""

import streamlit as st
from tests.apps.account import auth, draw

if __name__ == "__main__":
    draw()
else:
    app = st.App(__file__, routes=auth.routes(), middleware=auth.middleware())
