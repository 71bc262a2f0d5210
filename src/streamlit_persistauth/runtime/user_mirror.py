"""The user in `st.session_state`, for app code that reads it from there."""

import logging
from typing import Final

import streamlit as st
from streamlit.errors import StreamlitAPIException

from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.models import User
from streamlit_persistauth.runtime.own_state import OwnState
from streamlit_persistauth.runtime.script_run import in_script_run, is_widget_key

DEFAULT_KEY: Final = "user"
_MISSING: Final = object()

logger = logging.getLogger("streamlit_persistauth")
_widgets: set[str] = set()
"""Keys of widgets in this process. Streamlit knows a widget only once it has been drawn."""


class UserMirror:
    """Writes the user of each run under one key of `st.session_state`; nothing reads it back.

    The app comes first: its own value under the key stays, and so does a widget.
    """

    def __init__(self, key: str | None) -> None:
        """Use a key.

        Args:
            key: The key; None to write nothing.

        Raises:
            ConfigError: Streamlit allows no such key.
        """
        if key is not None and not (isinstance(key, str) and key and not key.startswith("$$")):
            raise ConfigError("session_state_key", "it has to be a name; try None to write none.")
        self._key = key

    def show(self, user: User | None) -> None:
        """Write the user of this run, unless the key is the app's; outside a run, do nothing."""
        if self._key is None or not in_script_run():
            return
        shown = OwnState.current().shown
        present = st.session_state.get(self._key, _MISSING)
        is_empty = present is None or present is _MISSING
        is_ours = is_empty or present is shown.get(self._key)
        if self._is_widget(self._key):
            # Not every widget can be drawn with a user as its value.
            if is_ours and not is_empty:
                del st.session_state[self._key]
        elif is_ours and present != user:
            shown[self._key] = user
            try:
                st.session_state[self._key] = user
            except StreamlitAPIException:
                logger.debug("st.session_state[%r] belongs to the app; not written", self._key)

    def _is_widget(self, key: str) -> bool:
        """Return whether a widget of the app has the key; log that once."""
        if key not in _widgets and is_widget_key(key):
            _widgets.add(key)
            logger.warning(
                "a widget of the app has the key %r, so st.session_state does not show the user "
                "there; pass another session_state_key to Authenticator, or None",
                key,
            )
        return key in _widgets
