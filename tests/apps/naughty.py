"""Shows each of the naughty texts where Streamlit reads Markdown, and where it does not."""

import streamlit as st
from tests.support.naughty import TEXTS

from streamlit_persistauth.ui.plain import one_line, plain

for number, text in enumerate(TEXTS):
    with st.container(key=f"text-{number}"):
        label = plain(text)
        st.markdown(label)
        st.caption(label)
        st.error(label)
        st.subheader(label, anchor=False)
        st.button(label, key=f"button-{number}")
        st.expander(label)
        st.popover(label)
        st.tabs([label])
        st.checkbox(label, key=f"check-{number}")
        st.metric(label, 1)
        st.text(one_line(text))
    with st.container(key=f"between-{number}"):
        st.markdown(f"Before {label}: after")
with st.container(key="toast"):
    chosen = st.number_input("Toast", min_value=0, max_value=len(TEXTS) - 1, value=None)
if chosen is not None:
    st.toast(plain(TEXTS[chosen]))
st.text("All shown")
