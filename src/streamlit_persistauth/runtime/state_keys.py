"""The keys of our widgets and values, which `st.session_state` does not show to an app.

They follow how Streamlit hides its own keys. That was checked with versions 1.58 and 1.67.
"""

from typing import Final

KEY: Final = "persistauth"
"""The default key of forms and panels."""
STATE_KEY: Final = "$$STREAMLIT_INTERNAL_KEY_PERSISTAUTH"
"""The key of our values in `st.session_state`; Streamlit hides keys with its own prefix."""
CONTROLLER_KEY: Final = f"{STATE_KEY}_COOKIES"
"""The key of our `CookieController`; an app's own has the key `cookies`."""
_UNKEYED: Final = "-None"
"""The end of the id that Streamlit gives to a widget without a key, which it hides."""


def widget_key(key: str) -> str:
    """Return the key of a widget of ours.

    An app that copies `st.session_state`, or writes it back, must not find our widgets there:
    Streamlit refuses to draw a button whose key has been written. Streamlit recognises a widget
    without a key by the end of its id, which is also the end of this key.

    Args:
        key: The name of the widget in the library.
    """
    return f"{key}{_UNKEYED}"
