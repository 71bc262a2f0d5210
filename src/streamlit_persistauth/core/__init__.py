"""The rules. Nothing of Streamlit, a web framework or a driver; time comes in from outside."""
