"""How lately the password must have been proven for what a guard with `max_age` protects."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

import streamlit as st

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.sessions.lifetime import is_recent
from streamlit_persistauth.models import Session
from streamlit_persistauth.runtime.script_run import in_fragment, page_script_hash, script_hash

LAST_PAGE = ""
"""The key of what the guard of the last page run asked for."""


@dataclass(frozen=True, slots=True)
class Reauthentication:
    """What the guard above one panel asks of a sign-in; the panel's fragments keep it.

    Attributes:
        max_age: How long ago the password may have been proven; None for any time.
        clock: Where the time comes from.
    """

    max_age: timedelta | None
    clock: Clock

    def accepts(self, session: Session | None) -> bool:
        """Return whether the password of a sign-in was proven recently enough."""
        return is_recent(session, self.max_age, self.clock())

    def require(self, session: Session) -> None:
        """Run the whole page where a fragment meets a proof that is too old: its guard asks."""
        if in_fragment() and not self.accepts(session):
            st.rerun(scope="app")


def page_keys() -> set[str]:
    """Return the keys under which the guard of this page run remembers its `max_age`."""
    return {LAST_PAGE, script_hash(), page_script_hash()}


def remembered(max_ages: Mapping[str, timedelta]) -> timedelta | None:
    """Return what guards have asked for where no guard is part of the run, as in a fragment.

    That is the guard of the page that made the fragment, and the one of the last page run: the
    stricter of both. Which page made it is Streamlit's own record and not what a browser says.
    """
    found = (max_ages.get(key) for key in (LAST_PAGE, script_hash()))
    return min((age for age in found if age is not None), default=None)
