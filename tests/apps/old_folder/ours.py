"""An entry script with a navigation of ours beside the same folder."""

import streamlit as st
from tests.apps.cases import auth

auth.navigation([st.Page("pages/inside.py")]).run()
