"""Shows one of the naughty texts wherever Streamlit reads Markdown, and where it does not."""

import streamlit as st
from tests.support.naughty import TEXTS

from streamlit_persistauth.ui.plain_text import one_line, plain

number = st.number_input("Number", min_value=0, max_value=len(TEXTS) - 1)
text = TEXTS[number]
label = plain(text)
with st.container(key=f"text-{number}"):
    st.markdown(label)
    st.caption(label)
    st.error(label)
    st.subheader(label, anchor=False)
    st.button(label)
    st.expander(label)
    st.popover(label)
    st.tabs([label])
    st.checkbox(label)
    st.radio(label, [label], captions=[label])
with st.container(key=f"between-{number}"):
    st.markdown(f"Before {label}: after")
st.toast(label, duration="infinite")  # a test may look late
st.text(one_line(text))
st.container(key=f"last-{number}").text("All shown")
