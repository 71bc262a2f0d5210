"""The Starlette side of `st.App`: what a plain `streamlit run` has no hook for."""
