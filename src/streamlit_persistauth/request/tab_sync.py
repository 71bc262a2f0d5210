"""How open pages of a plain app, which no middleware watches, hear that a sign-in has ended."""

from datetime import timedelta
from typing import Final

import streamlit as st

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.sessions.sessions import Sessions
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import Notice, VisitorState
from streamlit_persistauth.runtime.hidden import hidden_place
from streamlit_persistauth.runtime.page_scripts import run_script

NOTICE_TIME: Final = timedelta(seconds=5)
"""How long a notice is drawn at every run. The page has read it by then, and goes on listening."""


class Tabs:
    """Has a page tell its neighbours in the same browser, and ask again now and then.

    Neither says who is signed in: all that comes of it is a run of the page, and its guard asks
    the store.
    """

    def __init__(self, app: str, sessions: Sessions, clock: Clock, *, seconds: float) -> None:
        """Serve one app.

        Args:
            app: The base name of its cookies.
            sessions: Its sign-ins.
            clock: Where the time comes from.
            seconds: How often an open page asks whether its sign-in still counts; 0 for never.
        """
        self._app = app
        self._sessions = sessions
        self._clock = clock
        self._seconds = seconds

    def draw(self, session_id: str | None, context: RequestContext) -> None:
        """Draw what this page needs to hear of an end.

        Args:
            session_id: The sign-in that this run found, or None.
            context: Of this run.
        """
        connection_id = context.handshake.connection_id
        if context.handshake.served is not None or connection_id is None:
            return
        notice = self._notice(session_id, connection_id, context.visitor)
        tells = self._clock() < notice.until
        asks = session_id if self._seconds else None
        if tells or asks:
            with hidden_place(self._app, "tabs").container():
                if tells:
                    data = {"app": self._app, "signIn": _name(session_id)}
                    run_script("request/tab_sync.js", data)
                if asks:
                    st.fragment(self._ask_again, run_every=self._seconds)(asks)

    def _notice(self, session_id: str | None, connection_id: str, visitor: VisitorState) -> Notice:
        """Return what this page tells the others."""
        notice = visitor.notice
        if notice is None or (notice.session_id, notice.connection_id) != (
            session_id,
            connection_id,
        ):
            notice = Notice(session_id, connection_id, self._clock() + NOTICE_TIME)
            visitor.notice = notice
        return notice

    def _ask_again(self, session_id: str) -> None:
        """Have the page run again once its sign-in has ended.

        This is no use of the sign-in: it keeps none from ending for want of use.
        """
        try:
            live = self._sessions.find_live({session_id})
        except StoreError:
            return
        if session_id not in live:
            st.rerun(scope="app")


def _name(session_id: str | None) -> str:
    """Return what a sign-in is called in the browser: not its id, and no secret."""
    return fingerprint(session_id) if session_id else ""
