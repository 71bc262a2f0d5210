"""Reauthentication: how recently the password must have been verified (`max_age`)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import streamlit as st

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.sessions.lifetime import is_recent
from streamlit_persistauth.models import Session
from streamlit_persistauth.request.visitor_state import VisitorState
from streamlit_persistauth.runtime.script_run import in_fragment, page_script_hash, script_hash
from streamlit_persistauth.signin.auth_state import AuthState

LAST_PAGE = ""
"""The key of the `max_age` of the last page run."""


@dataclass(frozen=True, slots=True)
class Reauthentication:
    """The `max_age` of the guard above one panel; the panel's fragments keep it.

    Attributes:
        max_age: How long ago the password may have been verified; None for any time.
        clock: Returns the current time.
    """

    max_age: timedelta | None
    clock: Clock

    def accepts(self, session: Session | None) -> bool:
        """Return whether the password of a session was verified recently enough."""
        return is_recent(session, self.max_age, self.clock())

    def require(self, session: Session) -> None:
        """In a fragment, rerun the whole page if the password is too old: its guard asks for it."""
        if in_fragment() and not self.accepts(session):
            st.rerun(scope="app")


def is_remembered(state: AuthState) -> bool:
    """Return whether `remember_max_age` has stored this run's `max_age` for the current script."""
    script = script_hash()
    return script in state.remembered and state.remembered[script] == state.max_age


def remember_max_age(state: AuthState, visitor: VisitorState) -> None:
    """Store the `max_age` of this page run, for fragments that run without its guard."""
    script = script_hash()
    visitor.remember_max_age({LAST_PAGE, script, page_script_hash()}, state.max_age)
    state.remembered[script] = state.max_age


def remembered(max_ages: Mapping[str, timedelta]) -> timedelta | None:
    """Return the `max_age` that applies in a run without a guard, such as that of a fragment.

    It is the shorter one of two: that of the page which made the fragment, and that of the last
    page run. Streamlit's own record says which page made the fragment, not the browser.
    """
    found = (max_ages.get(key) for key in (LAST_PAGE, script_hash()))
    return min((age for age in found if age is not None), default=None)
