"""How open pages of a plain app, which no middleware watches, hear that a sign-in has ended."""

from functools import cache
from importlib import resources
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from streamlit_persistauth.caller import Caller
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.sessions import Sessions
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.hidden import hidden
from streamlit_persistauth.run import run_memory


class Tabs:
    """Has a page tell its neighbours in the same browser, and ask again now and then.

    Neither says who is signed in: all that comes of it is a run of the page, and its guard asks
    the store.
    """

    def __init__(self, app: str, sessions: Sessions, *, seconds: float) -> None:
        """Serve one app.

        Args:
            app: The base name of its cookies.
            sessions: Its sign-ins.
            seconds: How often an open page asks whether its sign-in still counts; 0 for never.
        """
        self._app = app
        self._key = f"persistauth_tabs_{app}"
        self._sessions = sessions
        self._seconds = seconds

    def draw(self, session_id: str | None, caller: Caller) -> None:
        """Draw what listens on this page; again in a run only when the sign-in is another.

        Args:
            session_id: The sign-in that this run found, or None.
            caller: Of this run.
        """
        if caller.handshake.served is not None or caller.handshake.connection_id is None:
            return
        memory, slot = run_memory(), ("tabs", self._key)
        if memory.get(slot, ("",))[0] == session_id:
            return
        if slot not in memory:
            with hidden(self._key):
                memory[slot] = ("", st.empty())
        place = memory[slot][1]
        memory[slot] = (session_id, place)
        with place.container():
            sign_in = fingerprint(session_id) if session_id else ""
            _component()(data={"app": self._app, "signIn": sign_in}, on_ended_change=lambda: None)
            if self._seconds and session_id:
                st.fragment(self._ask_again, run_every=self._seconds)(session_id)

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


@cache
def _component() -> Any:  # noqa: ANN401 - Streamlit's own type
    script = resources.files("streamlit_persistauth").joinpath("tabs.js")
    return component("persistauth_tabs", js=script.read_text(encoding="utf-8"))
