"""An entry script with st.navigation beside a folder that Streamlit serves by itself."""

import streamlit as st
from tests.apps.cases import auth

page = st.navigation([st.Page("pages/inside.py", default=True)])
auth.guard()
page.run()
