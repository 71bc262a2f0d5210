"""The current user: who is signed in, in this run; signs users in and out."""

from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from functools import cached_property
from typing import Final, Literal

from streamlit_persistauth.caches.bridge import change_browser
from streamlit_persistauth.caches.chain import together
from streamlit_persistauth.core.arguments import texts
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.sessions.lifetime import is_recent
from streamlit_persistauth.core.sessions.sessions import SignedIn
from streamlit_persistauth.core.storage.records import TokenType, UserRecord
from streamlit_persistauth.core.text.languages import ENGLISH
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.models import Client
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.local_visitor import is_published
from streamlit_persistauth.request.tab_sync import Tabs
from streamlit_persistauth.runtime.gc_pauses import resume_collections
from streamlit_persistauth.runtime.hidden_elements import reserve_place
from streamlit_persistauth.runtime.script_run import (
    in_callback,
    in_page_run,
    in_script_run,
    run_memory,
    run_page_again,
    session_lock,
    uninterrupted,
)
from streamlit_persistauth.runtime.user_mirror import UserMirror
from streamlit_persistauth.signin.auth_state import AuthState
from streamlit_persistauth.signin.browser_credentials import BrowserCredentials
from streamlit_persistauth.signin.credential_issuers import NewCredential
from streamlit_persistauth.signin.reauthentication import (
    Reauthentication,
    is_remembered,
    remember_max_age,
    remembered,
)
from streamlit_persistauth.signin.resumption import Resumption
from streamlit_persistauth.signin.run_context import RunContext
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.elements import draw_toast
from streamlit_persistauth.ui.translator import Texts, Translator
from streamlit_persistauth.wiring.plain_app import warn_without_effect
from streamlit_persistauth.wiring.services import Services

Scope = Literal["local", "others", "global"]
NOT_KEPT: Final = Text(
    "This browser can't keep you signed in. You will have to sign in again after a refresh."
)


class CurrentUser:
    """The visitor of the current run. One object serves all runs and visitors of an app."""

    def __init__(self, services: Services, mirror: UserMirror, labels: Texts = None) -> None:
        self._services = services
        self._mirror = mirror
        self._labels = texts(labels, "labels")
        self._run_context = RunContext(services, self._labels)
        self._resumption = Resumption(services, BrowserCredentials(services))

    def current(self) -> AuthState:
        """Return who is signed in. The first call of a run reads the store."""
        if not in_script_run():
            return AuthState()
        memory = run_memory()
        state = memory.get(self._services)
        if state is None:
            resume_collections()
            context = self._context()
            arrival = context.visitor.take_link(context.origin)
            state = memory[self._services] = self._authenticate(context)
            state.arrival = arrival
        if not state.is_drawn and in_page_run():
            state.is_drawn = True
            self._draw_hidden(state, self._context())
        return state

    def peek(self) -> AuthState:
        """Return who is signed in, without updating `last_used_at`; for a run of a timer.

        The result of `current` in the same run is used if there is one.
        """
        known = run_memory().get(self._services)
        if isinstance(known, AuthState):
            return known
        bound = self._context().bound
        if bound is None:
            return AuthState()
        try:
            found = self._services.sessions.peek(bound)
        except InvalidToken:
            return AuthState()
        except StoreError:
            return AuthState(unavailable=True)
        return AuthState(found.session, found.user)

    def sign_in(self, owner: UserRecord, *, remember: bool) -> None:
        """Start a session on this connection, and revoke the one that it had before.

        Raises:
            StoreError: The store did not answer; nothing has changed.
        """
        services, context = self._services, self._context()
        handshake = context.handshake
        capabilities = services.cache.capabilities(context)
        keeps = remember and capabilities.persistent and handshake.connection_id is not None
        session = services.sessions.start(owner, remember=keeps, client=handshake.client)
        try:
            task = None
            if keeps:
                task = services.cache.keep(
                    NewCredential(services, session, handshake.client), context
                )
            with context.changing():
                self._resumption.revoke_held(context)
                context.begin_as(owner.user.id)
                change = change_browser(context)  # first: the old value continues nothing new
                context.bind(session.id)
        except (StoreError, InvalidToken):
            with suppress(StoreError):
                services.sessions.end(session.id)
            raise
        context.visitor.welcomed = session.id
        context.visitor.drop_question()
        self._resumption.page_tasks.assign(together([task, change]), context)
        context.visitor.not_kept = remember and capabilities.blocked
        self._set(AuthState(session, owner.user))

    def changing(self) -> AbstractContextManager[object]:
        """Hold back this page's messages while a run replaces its session."""
        return self._context().changing()

    def log_in(self, owner: UserRecord, *, remember: bool) -> None:
        """Record a login; in a page, start a session.

        Raises:
            InvalidCredentials: The account has changed since the password was verified.
            StoreError: The store did not answer; every session is as before.
        """
        client = self.client()
        owner = self._services.accounts.record_login(owner, client=client)
        if in_script_run():
            self.sign_in(owner, remember=remember)
        self._services.events.record(EventType.LOGIN, user_id=owner.user.id, client=client)

    def leave(self, scope: Scope = "local") -> None:
        """Sign out, and rerun the whole page if the current user was signed out.

        Raises:
            StoreError: The store did not answer; every session is as before.
        """
        was_signed_in = self.current().session is not None
        self.sign_out(scope)
        if was_signed_in and scope != "others" and in_script_run():
            run_page_again()

    def sign_out(self, scope: Scope = "local") -> None:
        """Revoke this session, the user's other ones, or all of them.

        Raises:
            StoreError: The store did not answer; every session is as before.
        """
        session = self.current().session
        context = self._context()
        with context.changing():
            if session is not None and scope != "local":
                keep = session.id if scope == "others" else None
                self._services.sessions.end_user(session.user_id, keep=keep)
            if scope != "others":
                self._resumption.revoke_held(context)
                context.belong_to(None)
                context.unbind()
        if scope != "others":
            context.visitor.drop_question()
            context.visitor.refused_on = context.handshake.connection_id
            task = self._services.cache.forget(context)
            self._resumption.page_tasks.assign(together([task, change_browser(context)]), context)
            self._set(AuthState())
        if session is not None:
            self._services.events.record(
                EventType.LOGOUT, user_id=session.user_id, client=self.client(), scope=scope
            )

    def drop_session(self) -> None:
        """Treat this page as signed out after a change has revoked its session; reads no store."""
        context = self._context()
        context.belong_to(None)
        context.unbind()
        context.visitor.refused_on = context.handshake.connection_id
        self._set(AuthState())

    def is_recent(self, max_age: timedelta | None) -> bool:
        """Return whether the password was verified within `max_age`, which a guard requires.

        The panels below the guard require the same (`reauthentication`). A callback has no panels
        below it.
        """
        state = self.current()
        if max_age is not None and not in_callback():
            state.require_max_age(max_age)
        if not is_remembered(state) and in_page_run():
            remember_max_age(state, self._context().visitor)
        return is_recent(state.session, max_age, self._services.clock())

    def reauthentication(self) -> Reauthentication:
        """Return the `max_age` of the guard above a panel, for the panel's fragments.

        They run without that guard, also after another page has run.
        """
        max_age = self.current().max_age
        if max_age is None and not in_page_run():
            max_age = remembered(self._context().visitor.max_ages)
        return Reauthentication(max_age, self._services.clock)

    def can_remember(self) -> bool:
        """Return whether "stay signed in" is offered: a session can outlive the page."""
        capabilities = self._services.cache.capabilities(self._context())
        return capabilities.persistent or capabilities.blocked

    def can_remember_for_lifetime(self) -> bool:
        """Return whether this browser can keep a session for its whole lifetime."""
        capabilities = self._services.cache.capabilities(self._context())
        return capabilities.persistent and not capabilities.in_address

    @property
    def is_served(self) -> bool:
        """Whether the connection of the current run passes our middleware."""
        return self._context().handshake.served is not None

    @property
    def is_local(self) -> bool:
        """Whether the visitor uses the machine that serves the app, or runs a test of it."""
        handshake = self._context().handshake
        is_test = handshake.client.ip_address is None
        return is_test or (handshake.direct and not is_published(self._services.settings))

    def client(self) -> Client:
        """Return the client of the current run's connection."""
        return self._context().handshake.client

    def t(self, labels: Texts = None) -> Translator:
        """Return the translator for this visitor: the app's own words, then their language.

        Args:
            labels: Words for one form or panel, which come before those for the whole app.
        """
        words = {**self._labels, **texts(labels, "labels")}
        return Translator(words, self.client().language or ENGLISH)

    def token_for(self, purpose: TokenType) -> str:
        """Return the token of the link that opened this page; empty if it has another purpose."""
        arrival = self.current().arrival
        return arrival.token if arrival and arrival.purpose is purpose else ""

    def drop_link(self) -> None:
        """Forget the link that opened this page; a link that another browser opened stays."""
        state = self.current()
        if state.arrival is not None:
            self._context().visitor.arrival = state.arrival = None

    @cached_property
    def _tabs(self) -> Tabs:
        services = self._services
        seconds = services.settings.recheck_seconds
        return Tabs(services.cookies.name, services.sessions, services.clock, seconds=seconds)

    def _context(self) -> RequestContext:
        return self._run_context.current()

    def _authenticate(self, context: RequestContext) -> AuthState:
        """Find out who is signed in, uninterrupted and in one run of the page at a time.

        A presented credential may be valid once. If this run were stopped or overtaken in between,
        the credential would be spent, and its result lost.
        """
        with uninterrupted(), session_lock("authentication"):
            try:
                found = self._resumption.resume(context)
            except InvalidToken as refusal:
                context.belong_to(None)
                self._resumption.refuse(refusal, context)
                found = None
            except StoreError:
                self._mirror.show(None)
                return AuthState(unavailable=True)
            return self._accept(found, context)

    def _accept(self, found: SignedIn | None, context: RequestContext) -> AuthState:
        """Give the page to the user who was found, or to no user."""
        user = found.user if found else None
        context.belong_to(None if user is None else user.id)
        self._mirror.show(user)
        if found is None:
            return AuthState(waiting=self._resumption.is_waiting(context))
        if context.visitor.welcomed != found.session.id:
            context.visitor.welcomed = found.session.id
            if self._services.settings.welcome:
                draw_toast(self.t()("Welcome back!"))
        return AuthState(found.session, found.user)

    def _set(self, state: AuthState) -> None:
        """Replace what the rest of this run knows."""
        run_memory()[self._services] = state
        self._mirror.show(state.user)

    def _draw_hidden(self, state: AuthState, context: RequestContext) -> None:
        """Draw the page's tasks, once for each state, in a run of the whole page."""
        reserve_place(self._services.cookies.name)
        visitor = context.visitor
        failed = visitor.task is not None and self._resumption.page_tasks.draw_due(context)
        if failed or (visitor.not_kept and state.user):
            visitor.not_kept = False
            draw_toast(self.t()(NOT_KEPT), icon=":material/warning:")
        if context.handshake.served is not None:
            return
        warn_without_effect(self._services.settings)
        if not state.unavailable:
            self._tabs.draw(state.session.id if state.session else None, context)
