"""A page without authentication that shows the content after a click."""

import content
import streamlit as st

container = st.empty()
if st.session_state.get("shown"):
    content.draw()
else:
    with container.container():
        st.button("Show", on_click=lambda: st.session_state.update(shown=True))
