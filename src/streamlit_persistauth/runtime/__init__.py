"""Streamlit runs and sessions: the one place that reaches inside Streamlit."""
