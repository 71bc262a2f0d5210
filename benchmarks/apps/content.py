"""The content that every variant shows: a few elements, the watched one last."""

import os

import streamlit as st

CACHE = os.environ.get("BENCH_CACHE", "cookie")
"""The cache of the variants with this library."""


def draw() -> None:
    """Draw the page."""
    st.title("Figures of the week")
    left, right = st.columns(2)
    left.metric("Orders", 128, 12)
    right.metric("Returns", 7, -2)
    st.dataframe({"day": ["Mon", "Tue", "Wed"], "orders": [41, 38, 49]})
    with st.container(key="protected"):
        st.text("Protected content")
