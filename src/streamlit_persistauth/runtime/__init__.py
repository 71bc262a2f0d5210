"""Streamlit runs and sessions: the only package that reaches inside Streamlit.

Each module that does so names the versions of Streamlit with which it was checked. `web/` reads
Streamlit's protocol buffers beside that.
"""
