"""What a page has to do for its browser, hidden from the eye."""

from datetime import timedelta
from typing import Final

from streamlit_persistauth.caller import Caller
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.hidden import hidden_place
from streamlit_persistauth.visit import Assignment, Errand

ERRAND_TIME: Final = timedelta(seconds=30)
"""How long an errand is drawn again at every run, in case the page was not done with it."""


class Errands:
    """Gives pages errands, and draws them in one hidden place."""

    def __init__(self, app: str, clock: Clock) -> None:
        """Serve one app."""
        self._key = f"persistauth_errand_{app}"
        self._clock = clock

    def assign(self, errand: Errand | None, caller: Caller) -> None:
        """Give the page on this connection an errand, in place of any it had."""
        until = self._clock() + ERRAND_TIME
        connection_id = caller.handshake.connection_id
        caller.visit.errand = Assignment(errand, connection_id, until) if errand else None

    def draw_due(self, caller: Caller) -> None:
        """Draw the errand of this page, if it has one."""
        assignment = caller.visit.errand
        if assignment is None:
            return
        here = assignment.connection_id == caller.handshake.connection_id
        if not here or self._clock() > assignment.until:
            caller.visit.errand = None
            return
        with hidden_place(self._key).container():
            assignment.errand.draw()
