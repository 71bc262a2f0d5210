"""Assigns tasks to pages, and draws them invisibly."""

from datetime import timedelta
from typing import Final

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import PageTask, ScheduledTask
from streamlit_persistauth.runtime.hidden_elements import hidden_place

TASK_TIME: Final = timedelta(seconds=30)
"""How long a task is drawn again at every run, in case the page has not finished it."""


class PageTasks:
    """Assigns tasks to the pages of one app, and draws them in a hidden place."""

    def __init__(self, app: str, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    def assign(self, task: PageTask | None, context: RequestContext) -> None:
        """Assign a task to the page on this connection, in place of any it had."""
        if task is None:
            context.visitor.task = None
            return
        browser = fingerprint(context.browser) if context.browser else None
        context.visitor.task = ScheduledTask(task, context.handshake.connection_id, browser)

    def draw_due(self, context: RequestContext) -> bool:
        """Draw the task of this page, if it has one; return whether it failed in the browser."""
        scheduled = context.visitor.task
        if scheduled is None:
            return False
        if not scheduled.follow(context.handshake.connection_id, context.browser):
            return False
        if not self._is_due(scheduled):
            context.visitor.task = None
            return False
        with hidden_place(self._app, "task"):
            has_failed = scheduled.task.draw()
        if has_failed:
            context.visitor.task = None
        return has_failed

    def _is_due(self, scheduled: ScheduledTask) -> bool:
        """Return whether a task is still drawn; its time starts when it is drawn first."""
        now = self._clock()
        if scheduled.until is None and not scheduled.task.lasts:
            scheduled.until = now + TASK_TIME
        return scheduled.until is None or now <= scheduled.until
