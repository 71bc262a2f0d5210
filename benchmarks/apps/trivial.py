"""A trivial page under `st.App`."""

import streamlit as st

if __name__ == "__main__":
    st.text("Hello")
else:
    app = st.App(__file__)
