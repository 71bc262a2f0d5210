"""A page without authentication that shows the content after a click."""

import content
import streamlit as st

place = st.empty()
if st.session_state.get("shown"):
    content.draw()
else:
    with place.container():
        st.button("Show", on_click=lambda: st.session_state.update(shown=True))
