"""Forms and panels: Streamlit calls and labels, no rules."""
