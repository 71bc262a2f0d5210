"""The keys of our widgets and values, which `st.session_state` does not show to an app."""

from typing import Final

STATE_KEY: Final = "$$STREAMLIT_INTERNAL_KEY_PERSISTAUTH"
"""Where a Streamlit session holds our values: Streamlit hides keys with its own prefix."""
_UNKEYED: Final = "-None"
"""How Streamlit ends the id of a widget without a key, which it hides."""


def widget_key(key: str) -> str:
    """Return the key of a widget of ours.

    An app that copies `st.session_state`, or writes it back, must not meet our widgets: Streamlit
    refuses to draw a button whose key has been written. It tells a widget without a key by the end
    of its id, which is the end of the key too.

    Args:
        key: What the widget is called within the library.
    """
    return f"{key}{_UNKEYED}"
