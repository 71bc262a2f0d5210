"""Turns the open pages of a plain app, which no middleware watches, when a sign-in is over."""

from datetime import timedelta
from typing import Final

import streamlit as st

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.sessions.sessions import Sessions
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import Notice, VisitorState
from streamlit_persistauth.runtime.hidden_elements import hidden_place
from streamlit_persistauth.runtime.page_scripts import run_script

NOTICE_TIME: Final = timedelta(seconds=5)
"""How long a notice is drawn at every run. The page has read it by then, and keeps listening."""


class Tabs:
    """Makes a page notify the other tabs of its browser, and check its sign-in regularly.

    Neither reveals who is signed in: both only cause a run of the page, whose guard reads the
    store.
    """

    def __init__(self, app: str, sessions: Sessions, clock: Clock, *, seconds: float) -> None:
        """Serve one app.

        Args:
            app: The base name of its cookies.
            sessions: Its sign-ins.
            clock: Returns the time.
            seconds: The interval at which an open page checks its sign-in; 0 for never.
        """
        self._app = app
        self._sessions = sessions
        self._clock = clock
        self._seconds = seconds

    def draw(self, session_id: str | None, context: RequestContext) -> None:
        """Draw what this page needs in order to notice that a sign-in is over.

        Args:
            session_id: The sign-in that this run found, or None.
            context: Of this run.
        """
        connection_id = context.handshake.connection_id
        if context.handshake.served is not None or connection_id is None:
            return
        notice = self._notice(session_id, connection_id, context.visitor)
        notifies = self._clock() < notice.until
        checked = session_id if self._seconds else None
        if notifies or checked:
            with hidden_place(self._app, "tabs"):
                if notifies:
                    data = {"app": self._app, "signIn": _name(session_id)}
                    run_script("tab_sync", data)
                if checked:
                    st.fragment(self._check, run_every=self._seconds)(checked)

    def _notice(self, session_id: str | None, connection_id: str, visitor: VisitorState) -> Notice:
        """Return the notice of this page to the others."""
        notice = visitor.notice
        if notice is None or (notice.session_id, notice.connection_id) != (
            session_id,
            connection_id,
        ):
            notice = Notice(session_id, connection_id, self._clock() + NOTICE_TIME)
            visitor.notice = notice
        return notice

    def _check(self, session_id: str) -> None:
        """Run the page again once its sign-in is not valid any more.

        This does not update `last_used_at`; the idle timeout still applies.
        """
        try:
            live = self._sessions.find_live({session_id})
        except StoreError:
            return
        if session_id not in live:
            st.rerun(scope="app")


def _name(session_id: str | None) -> str:
    """Return the name of a sign-in in the browser: neither its id nor a secret."""
    return fingerprint(session_id) if session_id else ""
