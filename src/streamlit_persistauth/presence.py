"""Who is signed in, in the current run of the current connection."""

import logging
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from streamlit_persistauth.caches.base import CacheBackend, Presented
from streamlit_persistauth.caches.bridge import change_browser
from streamlit_persistauth.caches.chain import together
from streamlit_persistauth.caller import Caller
from streamlit_persistauth.core.arguments import texts
from streamlit_persistauth.core.events import EventType
from streamlit_persistauth.core.languages import ENGLISH
from streamlit_persistauth.core.lifetime import is_recent
from streamlit_persistauth.core.records import TokenType, UserRecord
from streamlit_persistauth.core.sessions import SignedIn
from streamlit_persistauth.core.text import Text
from streamlit_persistauth.errands import Errands
from streamlit_persistauth.errors import ConfigError, InvalidToken, StoreError
from streamlit_persistauth.evidence import TWO_PEOPLE, Evidence
from streamlit_persistauth.grants import FreshGrant, Successor
from streamlit_persistauth.handshake import Handshake
from streamlit_persistauth.hidden import reserve_place
from streamlit_persistauth.models import Client, Session, User
from streamlit_persistauth.parts import Parts
from streamlit_persistauth.reauthentication import Reauthentication, page_keys, remembered
from streamlit_persistauth.run import (
    in_callback,
    in_page_run,
    in_script_run,
    is_use,
    make_up_for_collection,
    postpone_collection,
    run_memory,
    run_page_again,
    turn,
    unbroken,
)
from streamlit_persistauth.tabs import Tabs
from streamlit_persistauth.ui.labels import Labels, Texts
from streamlit_persistauth.ui.notices import stop_misconfigured
from streamlit_persistauth.ui.texts import draw_toast
from streamlit_persistauth.user_mirror import UserMirror
from streamlit_persistauth.visit import Arrival

logger = logging.getLogger("streamlit_persistauth")

Scope = Literal["local", "others", "global"]
NOT_KEPT: Final = Text(
    "This browser does not keep your sign-in. After a refresh you will have to sign in again."
)

OTHER_MIDDLEWARE: Final = (
    "this st.App has the middleware of another Authenticator, with other accounts, sign-ins or "
    "cookies. Use one Authenticator for its routes, its middleware and all of its pages, or serve "
    "two apps."
)
SAME_COOKIE: Final = (
    "another Authenticator with other accounts or sign-ins uses this name on the same page. Use "
    "one Authenticator, or give each its own name. If you have just changed it, reload the page."
)


@dataclass(slots=True)
class Outcome:
    """What a run knows about its visitor.

    Attributes:
        session: The sign-in that counts, or None.
        user: Its user, or None.
        unavailable: The store did not answer, so nobody counts as signed in for now.
        settled: Whether this run has drawn its errand.
        waiting: The browser has been asked what it keeps, and may still answer.
        arrival: What a link from a mail brought to this page, if it was opened by one.
        max_age: After how long a guard of this run asks for the password again, if one does.
    """

    session: Session | None = None
    user: User | None = None
    unavailable: bool = False
    settled: bool = False
    waiting: bool = False
    arrival: Arrival | None = None
    max_age: timedelta | None = None


class Presence:
    """Finds out who is there, and signs them in and out. Made for one app, used by every run."""

    def __init__(self, parts: Parts, mirror: UserMirror, labels: Texts = None) -> None:
        """Use the parts of an app, and its own words for what pages say."""
        self._parts = parts
        self._mirror = mirror
        self._labels = texts(labels, "labels")
        self._evidence = Evidence(parts)
        app = parts.cookies.name
        self._errands = Errands(app, parts.clock)
        self._tabs = Tabs(app, parts.sessions, parts.clock, seconds=parts.settings.recheck_seconds)

    def current(self) -> Outcome:
        """Return who is signed in; asked of the store once a run."""
        if not in_script_run():
            return Outcome()
        memory = run_memory()
        outcome = memory.get(self._parts)
        if outcome is None:
            make_up_for_collection()
            caller = self._caller()
            arrival = caller.visit.take_link(caller.origin)
            outcome = memory[self._parts] = self._find_out()
            outcome.arrival = arrival
        if not outcome.settled:
            self._settle(outcome)
        return outcome

    def look(self) -> Outcome:
        """Return who is signed in, for a piece of a page that runs by itself, as by a timer.

        What a click in the same run has found out goes for it too. Otherwise it is asked of the
        store, and is no use of the sign-in.
        """
        known = run_memory().get(self._parts)
        if isinstance(known, Outcome):
            return known
        bound = self._caller().bound
        if bound is None:
            return Outcome()
        try:
            found = self._parts.sessions.look_at(bound)
        except InvalidToken:
            return Outcome()
        except StoreError:
            return Outcome(unavailable=True)
        return Outcome(found.session, found.user)

    def sign_in(self, owner: UserRecord, *, remember: bool) -> None:
        """Begin a sign-in on this connection; whoever was signed in here before is signed out.

        Raises:
            StoreError: It could not be begun; nothing has changed.
        """
        parts, caller = self._parts, self._caller()
        handshake = caller.handshake
        promise = parts.cache.promise(caller)
        keeps = remember and promise.persistent and handshake.connection_id is not None
        session = parts.sessions.start(owner, remember=keeps, client=handshake.client)
        try:
            errand = parts.cache.keep(FreshGrant(parts, session, caller), caller) if keeps else None
            with caller.changing():
                self._end_held(caller)
                caller.begin_as(owner.user.id)
                caller.bind(session.id)
        except (StoreError, InvalidToken):
            with suppress(StoreError):
                parts.sessions.end(session.id)
            raise
        caller.visit.welcomed = session.id
        caller.visit.drop_question()
        self._errands.assign(together([errand, change_browser(caller)]), caller)
        caller.visit.not_kept = remember and promise.blocked
        self._learn(Outcome(session, owner.user))

    def changing(self) -> AbstractContextManager[object]:
        """Have this page's messages wait while a run replaces its sign-in."""
        return self._caller().changing()

    def log_in(self, owner: UserRecord, *, remember: bool) -> None:
        """Record that a user has proven who they are; in a page, begin the sign-in.

        Raises:
            InvalidCredentials: The account has changed since.
            StoreError: The sign-in could not be begun; every sign-in is as before.
        """
        client = self.client()
        owner = self._parts.accounts.note_login(owner, client=client)
        if in_script_run():
            self.sign_in(owner, remember=remember)
        self._parts.events.record(EventType.LOGIN, user_id=owner.user.id, client=client)

    def leave(self, scope: Scope = "local") -> None:
        """Sign out, as `sign_out`, and have the whole page run again where a user has gone.

        Raises:
            StoreError: They could not be ended; every sign-in is as before.
        """
        was_signed_in = self.current().session is not None
        self.sign_out(scope)
        if was_signed_in and scope != "others" and in_script_run():
            run_page_again()

    def sign_out(self, scope: Scope = "local") -> None:
        """End this sign-in, the user's others, or all of them.

        Raises:
            StoreError: They could not be ended; every sign-in is as before.
        """
        session = self.current().session
        caller = self._caller()
        with caller.changing():
            if session is not None and scope != "local":
                keep = session.id if scope == "others" else None
                self._parts.sessions.end_user(session.user_id, keep=keep)
            if scope != "others":
                self._end_held(caller)
                caller.belong_to(None)
                caller.unbind()
        if scope != "others":
            caller.visit.drop_question()
            caller.visit.refused_on = caller.handshake.connection_id
            errand = self._parts.cache.forget(caller)
            self._errands.assign(together([errand, change_browser(caller)]), caller)
            self._learn(Outcome())
        if session is not None:
            self._parts.events.record(
                EventType.LOGOUT, user_id=session.user_id, client=self.client(), scope=scope
            )

    def is_fresh(self, max_age: timedelta | None) -> bool:
        """Return whether the password was proven recently, as a guard asks.

        What the page draws below asks the same (`reauthentication`); a callback stands above
        nothing.
        """
        outcome = self.current()
        if max_age is not None and not in_callback():
            outcome.max_age = min(outcome.max_age or max_age, max_age)
        if in_page_run():
            self._caller().visit.remember_max_age(page_keys(), outcome.max_age)
        return is_recent(outcome.session, max_age, self._parts.clock())

    def reauthentication(self) -> Reauthentication:
        """Return what the guard above a panel asks for, for the panel's fragments to keep.

        They run without the guard above them, also when another page has run meanwhile.
        """
        max_age = self.current().max_age
        if max_age is None and not in_page_run():
            max_age = remembered(self._caller().visit.max_ages)
        return Reauthentication(max_age, self._parts.clock)

    def can_remember(self) -> bool:
        """Return whether a sign-in can outlive the page, where the browser lets it."""
        promise = self._parts.cache.promise(self._caller())
        return promise.persistent or promise.blocked

    @property
    def is_served(self) -> bool:
        """Whether the connection of the current run passes our middleware."""
        return self._caller().handshake.served is not None

    def client(self) -> Client:
        """Return where the current run's connection comes from."""
        return self._caller().handshake.client

    def say(self, labels: Texts = None) -> Labels:
        """Return what says texts to who is there: in an app's own words, or in their language.

        Args:
            labels: Words for one place, which come before those for the whole app.
        """
        words = {**self._labels, **texts(labels, "labels")}
        return Labels(words, self.client().language or ENGLISH)

    def token_for(self, purpose: TokenType) -> str:
        """Return the token of the link that opened this page; empty if it was none for this."""
        arrival = self.current().arrival
        return arrival.token if arrival and arrival.purpose is purpose else ""

    def drop_link(self) -> None:
        """Forget what the link brought here; what another browser brought stays."""
        outcome = self.current()
        if outcome.arrival is not None:
            self._caller().visit.arrival = outcome.arrival = None

    def _caller(self) -> Caller:
        """Return the caller of this run; its handshake is read once."""
        settings = self._parts.settings
        memory, slot = run_memory(), ("handshake", self._parts)
        if slot not in memory:
            pinned = None if settings.language == "browser" else settings.language
            memory[slot] = Handshake.current(settings.trusted_proxies, pinned)
            if in_script_run():
                self._refuse_another_app(Caller.of(memory[slot], self._parts.cookies))
        return Caller.of(memory[slot], self._parts.cookies)

    def _refuse_another_app(self, caller: Caller) -> None:
        """Stop a run of a page that another `Authenticator` has already, with other accounts.

        A page has one place for the sign-in of each cookie name, and a connection of `st.App` one
        in all: two would sign each other out.
        """
        served, identity = caller.handshake.served, self._parts.identity
        if served is not None and served.app not in {None, identity}:
            stop_misconfigured(ConfigError("Authenticator", OTHER_MIDDLEWARE), self._labels)
        if not caller.visit.belongs_to(identity):
            stop_misconfigured(ConfigError("PERSISTAUTH_COOKIE_NAME", SAME_COOKIE), self._labels)

    def _find_out(self) -> Outcome:
        """Ask the store who is there, in one piece, and one run after the other.

        What a browser presents may count once. It would be spent, or refused, before anybody knows
        what came of it, if this run were broken off or overtaken in between.
        """
        caller = self._caller()
        with unbroken(), turn("presence"):
            return self._ask_store(caller)

    def _ask_store(self, caller: Caller) -> Outcome:
        try:
            found = self._resume(caller)
        except InvalidToken as refusal:
            caller.belong_to(None)
            self._refuse(refusal, caller)
            found = None
        except StoreError:
            self._mirror.show(None)
            return Outcome(unavailable=True)
        caller.belong_to(found.user.id if found else None)
        self._mirror.show(found.user if found else None)
        if found is None:
            return Outcome(waiting=self._is_waiting(caller))
        if caller.visit.welcomed != found.session.id:
            caller.visit.welcomed = found.session.id
            if self._parts.settings.welcome:
                draw_toast(self.say()("Welcome back!"))
        return Outcome(found.session, found.user)

    def _resume(self, caller: Caller) -> SignedIn | None:
        """Return the sign-in of this connection: proven on it, or presented in its handshake.

        Raises:
            InvalidToken: Something is presented, and it does not count.
            StoreError: It can't be told for now.
        """
        bound = caller.bound
        if bound is not None:
            sessions = self._parts.sessions
            found = sessions.resume_session(bound) if is_use() else sessions.look_at(bound)
            if self._is_waiting(caller):
                # What the browser answers only now has to name the same person.
                self._evidence.hold_beside(found, caller)
            caller.bind(bound)
            handle = caller.visit.handle
            if handle is not None and self._parts.clock() >= handle.renew_at:
                self._keep(self._parts.cache, found.session, caller)
            return found
        presented = self._evidence.first(caller)
        if presented is None:
            return None
        postpone_collection()
        first, found = presented
        # The handshake stays as it was, while the browser's credential may be renewed: so from
        # now on this connection is known by its sign-in.
        caller.bind(found.session.id)
        if first.keeper is not None:
            self._follow_up(first, first.keeper, found.session, caller)
        return found

    def _follow_up(
        self, presented: Presented, keeper: CacheBackend, session: Session, caller: Caller
    ) -> None:
        """Have the page keep what follows a presented credential or handle, if that is due."""
        if presented.is_handle:
            self._keep(keeper, session, caller)
            return
        credential = self._parts.sessions.renew(presented.text)
        if credential is not None:
            self._errands.assign(keeper.keep(Successor(credential), caller), caller)

    def _keep(self, keeper: CacheBackend, session: Session, caller: Caller) -> None:
        """Have the page keep a sign-in."""
        errand = keeper.keep(FreshGrant(self._parts, session, caller), caller)
        self._errands.assign(errand, caller)

    def _is_waiting(self, caller: Caller) -> bool:
        """Return whether the browser was asked what it keeps so lately that it may yet answer."""
        question = caller.visit.question
        if question is None or question.answered:
            return False
        if question.connection_id != caller.handshake.connection_id:
            return False
        limit = timedelta(seconds=self._parts.settings.answer_seconds)
        return self._parts.clock() < question.since + limit

    def _refuse(self, refusal: InvalidToken, caller: Caller) -> None:
        """Have the browser forget a credential that does not count; once on a connection.

        The handshake stays as it was, so later runs see the same credential again. Where somebody
        was signed in before, the browser may meanwhile keep a newer credential, written by
        another tab; so it is asked to forget only what it presents with a first visit.
        """
        caller.reject()
        handshake, visit = caller.handshake, caller.visit
        if visit.refused_on == handshake.connection_id is not None:
            return
        visit.refused_on = handshake.connection_id
        is_first_visit = visit.welcomed is None and not caller.follows_end
        clears = is_first_visit or refusal.reason == TWO_PEOPLE
        errand = self._parts.cache.forget(caller) if clears else None
        self._errands.assign(errand, caller)
        self._parts.events.record(
            EventType.TOKEN_REFUSED, client=handshake.client, reason=refusal.reason
        )

    def _end_held(self, caller: Caller) -> None:
        """End the sign-in that this connection holds: bound to it, or presented by it."""
        held = caller.bound or self._presented(caller)
        if held is not None:
            self._parts.sessions.end(held)

    def _presented(self, caller: Caller) -> str | None:
        """Return the sign-in that the handshake's credential stands for."""
        try:
            presented = self._evidence.first(caller)
        except InvalidToken:
            return None
        return presented[1].session.id if presented else None

    def _learn(self, outcome: Outcome) -> None:
        """Let the rest of this run know."""
        run_memory()[self._parts] = outcome
        self._mirror.show(outcome.user)

    def _settle(self, outcome: Outcome) -> None:
        """Draw what is hidden on the page, once for what a run knows, where the page keeps it."""
        if not in_page_run():
            return
        outcome.settled = True
        caller = self._caller()
        reserve_place(self._parts.cookies.name)
        if self._errands.draw_due(caller) or (caller.visit.not_kept and outcome.user):
            caller.visit.not_kept = False
            draw_toast(self.say()(NOT_KEPT), icon=":material/warning:")
        if not outcome.unavailable:
            self._tabs.draw(outcome.session.id if outcome.session else None, caller)
