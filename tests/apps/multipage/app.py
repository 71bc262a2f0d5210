"""The first page of an app whose other page is a file in `pages/`."""

import streamlit as st

st.text("for everybody")
