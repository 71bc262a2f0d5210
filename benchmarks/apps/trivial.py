"""A trivial page, served by `st.App` and nothing else."""

import streamlit as st

if __name__ == "__main__":
    st.text("Hello")
else:
    app = st.App(__file__)
