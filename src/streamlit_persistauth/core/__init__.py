"""The rules for accounts and sessions, without Streamlit, a web framework or a driver."""
