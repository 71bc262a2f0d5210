"""What a page has to do for its browser, hidden from the eye."""

from datetime import timedelta
from typing import Final

from streamlit_persistauth.caller import Caller
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.hidden import hidden_place
from streamlit_persistauth.visit import Assignment, Errand

ERRAND_TIME: Final = timedelta(seconds=30)
"""How long an errand is drawn again at every run, in case the page was not done with it."""


class Errands:
    """Gives pages errands, and draws them in one hidden place."""

    def __init__(self, app: str, clock: Clock) -> None:
        """Serve one app."""
        self._app = app
        self._clock = clock

    def assign(self, errand: Errand | None, caller: Caller) -> None:
        """Give the page on this connection an errand, in place of any it had."""
        if errand is None:
            caller.visit.errand = None
            return
        browser = fingerprint(caller.browser) if caller.browser else None
        caller.visit.errand = Assignment(errand, caller.handshake.connection_id, browser)

    def draw_due(self, caller: Caller) -> bool:
        """Draw the errand of this page, if it has one; return whether it was in vain."""
        assignment = caller.visit.errand
        if assignment is None:
            return False
        if not assignment.follow(caller.handshake.connection_id, caller.browser):
            return False
        if not self._is_due(assignment):
            caller.visit.errand = None
            return False
        with hidden_place(self._app, "errand").container():
            in_vain = assignment.errand.draw()
        if in_vain:
            caller.visit.errand = None
        return in_vain

    def _is_due(self, assignment: Assignment) -> bool:
        """Return whether an errand is still drawn; its time begins when it is drawn first."""
        now = self._clock()
        if assignment.until is None and not assignment.errand.lasts:
            assignment.until = now + ERRAND_TIME
        return assignment.until is None or now <= assignment.until
