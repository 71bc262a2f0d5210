"""The values that the library keeps in a Streamlit session."""

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from streamlit_persistauth.runtime.script_run import in_script_run, run_memory
from streamlit_persistauth.runtime.state_keys import STATE_KEY


@dataclass(slots=True)
class OwnState:
    """Our values of one Streamlit session; `st.session_state` neither shows nor clears them.

    Attributes:
        visits: The state of the visitor, by the name of the app. It outlives a user.
        page: The state of our forms and panels on the page of one user.
        shown: The user last written to `st.session_state`, by key.
    """

    visits: dict[str, Any] = field(default_factory=dict)
    page: dict[str, Any] = field(default_factory=dict)
    shown: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def current(cls) -> "OwnState":
        """Return the values of this run's Streamlit session; outside a run there are none.

        A run reads them from `st.session_state` once.
        """
        if not in_script_run():
            return cls()
        memory = run_memory()
        state = memory.get(cls)
        if not isinstance(state, cls):
            state = memory[cls] = cls._read()
        return state

    @classmethod
    def begin_page(cls) -> None:
        """Forget the page of a user; a run that was overtaken keeps the values that it has."""
        new = cls(visits=cls.current().visits)
        run_memory()[cls] = st.session_state[STATE_KEY] = new

    @classmethod
    def _read(cls) -> "OwnState":
        state = st.session_state.get(STATE_KEY)
        if not isinstance(state, cls):
            state = st.session_state[STATE_KEY] = cls()
        return state


def page_values() -> dict[str, Any]:
    """Return the state of our forms and panels on this page, by their keys."""
    return OwnState.current().page
