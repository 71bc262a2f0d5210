"""What a page has to do for its browser, hidden from the eye."""

from datetime import timedelta
from typing import Final

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import PageTask, ScheduledTask
from streamlit_persistauth.runtime.hidden import hidden_place

TASK_TIME: Final = timedelta(seconds=30)
"""How long an errand is drawn again at every run, in case the page was not done with it."""


class PageTasks:
    """Gives pages errands, and draws them in one hidden place."""

    def __init__(self, app: str, clock: Clock) -> None:
        """Serve one app."""
        self._app = app
        self._clock = clock

    def assign(self, task: PageTask | None, context: RequestContext) -> None:
        """Give the page on this connection an errand, in place of any it had."""
        if task is None:
            context.visitor.task = None
            return
        browser = fingerprint(context.browser) if context.browser else None
        context.visitor.task = ScheduledTask(task, context.handshake.connection_id, browser)

    def draw_due(self, context: RequestContext) -> bool:
        """Draw the errand of this page, if it has one; return whether it was in vain."""
        assignment = context.visitor.task
        if assignment is None:
            return False
        if not assignment.follow(context.handshake.connection_id, context.browser):
            return False
        if not self._is_due(assignment):
            context.visitor.task = None
            return False
        with hidden_place(self._app, "errand").container():
            in_vain = assignment.task.draw()
        if in_vain:
            context.visitor.task = None
        return in_vain

    def _is_due(self, assignment: ScheduledTask) -> bool:
        """Return whether an errand is still drawn; its time begins when it is drawn first."""
        now = self._clock()
        if assignment.until is None and not assignment.task.lasts:
            assignment.until = now + TASK_TIME
        return assignment.until is None or now <= assignment.until
