"""Who is signed in, in the current run of the current connection."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitAPIException

from streamlit_persistauth.core.events import EventType
from streamlit_persistauth.core.records import TokenType, UserRecord
from streamlit_persistauth.core.sessions import SignedIn
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.handshake import Handshake
from streamlit_persistauth.models import Client, Credential, Session, User
from streamlit_persistauth.parts import Parts
from streamlit_persistauth.run import (
    forget_page,
    in_callback,
    in_fragment,
    in_script_run,
    run_memory,
    streamlit_session,
)
from streamlit_persistauth.visit import Arrival, Assignment, Errand, Visit

logger = logging.getLogger("streamlit_persistauth")

Scope = Literal["local", "others", "global"]

ERRAND_TIME: Final = timedelta(seconds=30)
"""How long an errand is drawn again at every run, in case the page was not done with it."""


@dataclass(slots=True)
class Outcome:
    """What a run knows about its visitor.

    Attributes:
        session: The sign-in that counts, or None.
        user: Its user, or None.
        unavailable: The store did not answer, so nobody counts as signed in for now.
        settled: Whether this run has drawn its errand.
        arrival: What a link from a mail brought to this page, if it was opened by one.
    """

    session: Session | None = None
    user: User | None = None
    unavailable: bool = False
    settled: bool = False
    arrival: Arrival | None = None


class Presence:
    """Finds out who is there, and signs them in and out. Made for one app, used by every run."""

    def __init__(self, parts: Parts) -> None:
        """Use the parts of an app."""
        self._parts = parts

    def current(self) -> Outcome:
        """Return who is signed in; asked of the store once a run."""
        if not in_script_run():
            return Outcome()
        memory = run_memory()
        outcome = memory.get(self._parts)
        if outcome is None:
            arrival = self._visit().take_link()
            outcome = memory[self._parts] = self._find_out()
            outcome.arrival = arrival
        if not outcome.settled:
            self._settle(outcome)
        return outcome

    def sign_in(self, owner: UserRecord, *, remember: bool) -> None:
        """Begin a sign-in on this connection; whoever was signed in here before is signed out.

        Raises:
            StoreError: It could not be begun; nothing has changed.
        """
        parts, handshake, visit = self._parts, self._handshake(), self._visit()
        keeps = remember and parts.cache.persistent
        session = parts.sessions.start(owner, remember=keeps, client=handshake.client)
        try:
            errand = parts.cache.keep(_Grant(parts, session), handshake) if keeps else None
            self._end_held(handshake, visit)
        except (StoreError, InvalidToken):
            with suppress(StoreError):
                parts.sessions.end(session.id)
            raise
        self._own(visit, owner.user.id)
        self._bind(session.id, handshake, visit)
        visit.welcomed = session.id
        self._assign(errand, handshake, visit)
        self._learn(Outcome(session, owner.user))

    def log_in(self, owner: UserRecord, *, remember: bool) -> None:
        """Begin a sign-in, as `sign_in`, and record that somebody has logged in."""
        self.sign_in(owner, remember=remember)
        self._parts.events.record(EventType.LOGIN, user_id=owner.user.id, client=self.client())

    def sign_out(self, scope: Scope = "local") -> None:
        """End this sign-in, the user's others, or all of them.

        Raises:
            StoreError: They could not be ended; nobody has been signed out.
        """
        session = self.current().session
        handshake, visit = self._handshake(), self._visit()
        if session is not None and scope != "local":
            keep = session.id if scope == "others" else None
            self._parts.sessions.end_user(session.user_id, keep=keep)
        if scope != "others":
            self._end_held(handshake, visit)
            self._own(visit, None)
            self._unbind(handshake, visit)
            visit.refused_on = handshake.connection_id
            self._assign(self._parts.cache.forget(handshake), handshake, visit)
            self._learn(Outcome())
        if session is not None:
            self._parts.events.record(
                EventType.LOGOUT, user_id=session.user_id, client=handshake.client, scope=scope
            )

    def client(self) -> Client:
        """Return where the current run's connection comes from."""
        return self._handshake().client

    def token_for(self, purpose: TokenType) -> str:
        """Return the token of the link that opened this page; empty if it was none for this."""
        arrival = self.current().arrival
        return arrival.token if arrival and arrival.purpose is purpose else ""

    def drop_link(self) -> None:
        """Forget what the link brought."""
        self._visit().arrival = None
        self.current().arrival = None

    def _handshake(self) -> Handshake:
        return Handshake.current(self._parts.settings.trusted_proxies)

    def _visit(self) -> Visit:
        return Visit.current(self._parts.settings.cookie_name)

    def _find_out(self) -> Outcome:
        """Ask the store who is there."""
        handshake, visit = self._handshake(), self._visit()
        try:
            found = self._resume(handshake, visit)
        except InvalidToken as refusal:
            # In this order: what is wiped must be gone before messages of the page pass again.
            self._own(visit, None)
            self._refuse(refusal, handshake, visit)
            found = None
        except StoreError:
            _mirror(None)
            return Outcome(unavailable=True)
        _mirror(found.user if found else None)
        if found is None:
            self._own(visit, None)
            return Outcome()
        self._own(visit, found.user.id)
        if visit.welcomed != found.session.id:
            visit.welcomed = found.session.id
            st.toast("Welcome back!")
        return Outcome(found.session, found.user)

    def _resume(self, handshake: Handshake, visit: Visit) -> SignedIn | None:
        """Return the sign-in of this connection: proven on it, or presented in its handshake.

        Raises:
            InvalidToken: Something is presented, and it does not count.
            StoreError: It can't be told for now.
        """
        bound = self._bound(handshake, visit)
        if bound is not None:
            found = self._parts.sessions.resume_session(bound)
            self._bind(bound, handshake, visit)
            return found
        text = self._parts.cache.read(handshake)
        if not text:
            return None
        found = self._parts.sessions.resume(text, client=handshake.client)
        # The handshake stays as it was, while the browser's credential may be renewed: so from
        # now on this connection is known by its sign-in.
        self._bind(found.session.id, handshake, visit)
        if handshake.served is None:
            self._renew(text, handshake, visit)
        return found

    def _renew(self, text: str, handshake: Handshake, visit: Visit) -> None:
        """Have the page write the successor of a credential that is due.

        Only without our middleware, which does it with the page itself.
        """
        credential = self._parts.sessions.renew(text)
        if credential is not None:
            errand = self._parts.cache.keep(_Successor(credential), handshake)
            self._assign(errand, handshake, visit)

    def _refuse(self, refusal: InvalidToken, handshake: Handshake, visit: Visit) -> None:
        """Have the browser forget a credential that does not count; once on a connection.

        The handshake stays as it was, so later runs see the same credential again. Where somebody
        was signed in before, the browser may meanwhile keep a newer credential, written by
        another tab; so it is asked to forget only what it presents with a first visit.
        """
        self._unbind(handshake, visit)
        if visit.refused_on == handshake.connection_id is not None:
            return
        visit.refused_on = handshake.connection_id
        errand = self._parts.cache.forget(handshake) if visit.welcomed is None else None
        self._assign(errand, handshake, visit)
        self._parts.events.record(
            EventType.TOKEN_REFUSED, client=handshake.client, reason=refusal.reason
        )

    def _assign(self, errand: Errand | None, handshake: Handshake, visit: Visit) -> None:
        """Give the page on this connection an errand, in place of any it had."""
        until = self._parts.clock() + ERRAND_TIME
        visit.errand = Assignment(errand, handshake.connection_id, until) if errand else None

    def _end_held(self, handshake: Handshake, visit: Visit) -> None:
        """End the sign-in that this connection holds: bound to it, or presented by it."""
        held = self._bound(handshake, visit) or self._presented(handshake)
        if held is not None:
            self._parts.sessions.end(held)

    def _bound(self, handshake: Handshake, visit: Visit) -> str | None:
        """Return the sign-in that was proven on this connection, or from this browser here."""
        if handshake.served is not None and handshake.served.session_id is not None:
            return handshake.served.session_id
        browser = handshake.browser(self._parts.settings.cookie_name)
        return visit.session_on(handshake.connection_id, browser)

    def _bind(self, session_id: str, handshake: Handshake, visit: Visit) -> None:
        """Let this connection stand for a sign-in; the middleware watches over it from now on."""
        browser = handshake.browser(self._parts.settings.cookie_name)
        visit.bind(handshake.connection_id, browser, session_id)
        if handshake.served is not None:
            handshake.served.bind(session_id, streamlit_session())

    def _unbind(self, handshake: Handshake, visit: Visit) -> None:
        """Let this connection stand for nobody."""
        visit.unbind()
        if handshake.served is not None:
            handshake.served.unbind()

    def _own(self, visit: Visit, user_id: str | None) -> None:
        """Keep what one user leaves in this Streamlit session from the next one."""
        if visit.owner is not None and visit.owner != user_id:
            forget_page(kept=Visit)
        visit.owner = user_id

    def _presented(self, handshake: Handshake) -> str | None:
        """Return the sign-in that the handshake's credential stands for."""
        try:
            text = self._parts.cache.read(handshake)
            return self._parts.sessions.resume(text).session.id if text else None
        except InvalidToken:
            return None

    def _learn(self, outcome: Outcome) -> None:
        """Let the rest of this run know."""
        run_memory()[self._parts] = outcome
        _mirror(outcome.user)

    def _settle(self, outcome: Outcome) -> None:
        """Draw the errand that is due, once a run, where the page keeps it."""
        if in_callback() or in_fragment():
            return
        outcome.settled = True
        visit = self._visit()
        if visit.errand is None:
            return
        here = visit.errand.connection_id == self._handshake().connection_id
        if not here or self._parts.clock() > visit.errand.until:
            visit.errand = None
            return
        with self._errand_place().container():
            visit.errand.errand.draw()

    def _errand_place(self) -> DeltaGenerator:
        """Return the hidden place of this run's errand; a later errand replaces an earlier one."""
        memory, slot = run_memory(), ("errand", self._parts)
        if slot not in memory:
            key = f"persistauth_errand_{self._parts.settings.cookie_name}"
            with st.container(key=key):
                st.html(_HIDDEN.format(key=key))
                memory[slot] = st.empty()
        place: DeltaGenerator = memory[slot]
        return place


class _Grant:
    """See `Grant`."""

    def __init__(self, parts: Parts, session: Session) -> None:
        self._sessions = parts.sessions
        self._session = session

    def credential(self) -> Credential:
        return self._sessions.issue(self._session.id)

    def handoff_code(self, browser: str) -> str:
        return self._sessions.hand_off(self._session.id, self._session.user_id, browser=browser)


class _Successor:
    """See `Grant`: a renewed credential, which is there already."""

    def __init__(self, credential: Credential) -> None:
        self._credential = credential

    def credential(self) -> Credential:
        return self._credential

    def handoff_code(self, browser: str) -> str:
        raise NotImplementedError(browser)


_HIDDEN: Final = (
    '<style>[data-testid="stLayoutWrapper"]:has(> .st-key-{key}),'
    ".st-key-{key} {{display: none}}</style>"
)


def _mirror(user: User | None) -> None:
    """Show the user to app code that reads `st.session_state.user`; it is never believed."""
    try:
        st.session_state["user"] = user
    except StreamlitAPIException:
        logger.debug("st.session_state.user belongs to a widget of the app; not mirrored")
