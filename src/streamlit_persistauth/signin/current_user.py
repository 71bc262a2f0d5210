"""Who is signed in, in the current run of the current connection."""

import logging
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from streamlit_persistauth.caches.base import CacheBackend, PresentedCredential
from streamlit_persistauth.caches.bridge import change_browser
from streamlit_persistauth.caches.chain import together
from streamlit_persistauth.core.arguments import texts
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.sessions.lifetime import is_recent
from streamlit_persistauth.core.sessions.sessions import SignedIn
from streamlit_persistauth.core.storage.records import TokenType, UserRecord
from streamlit_persistauth.core.text.languages import ENGLISH
from streamlit_persistauth.errors import ConfigError, InvalidToken, StoreError
from streamlit_persistauth.models import Client, Session, User
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.handshake import Handshake
from streamlit_persistauth.request.page_tasks import PageTasks
from streamlit_persistauth.request.tab_sync import Tabs
from streamlit_persistauth.request.visitor_state import LinkArrival
from streamlit_persistauth.runtime.hidden import reserve_place
from streamlit_persistauth.runtime.script_run import (
    in_callback,
    in_page_run,
    in_script_run,
    is_use,
    make_up_for_collection,
    postpone_collection,
    run_memory,
    run_page_again,
    session_lock,
    uninterrupted,
)
from streamlit_persistauth.runtime.user_mirror import UserMirror
from streamlit_persistauth.signin.browser_credentials import TWO_PEOPLE, BrowserCredentials
from streamlit_persistauth.signin.credential_issuers import NewCredential, RenewedCredential
from streamlit_persistauth.signin.reauthentication import Reauthentication, page_keys, remembered
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.elements import draw_toast
from streamlit_persistauth.ui.notices import stop_misconfigured
from streamlit_persistauth.ui.translator import Texts, Translator
from streamlit_persistauth.wiring.services import Services

logger = logging.getLogger("streamlit_persistauth")

Scope = Literal["local", "others", "global"]
NOT_KEPT: Final = Text(
    "This browser can't keep you signed in. You will have to sign in again after a refresh."
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
class AuthState:
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
    arrival: LinkArrival | None = None
    max_age: timedelta | None = None


class CurrentUser:
    """Finds out who is there, and signs them in and out. Made for one app, used by every run."""

    def __init__(self, services: Services, mirror: UserMirror, labels: Texts = None) -> None:
        """Use the parts of an app, and its own words for what pages say."""
        self._services = services
        self._mirror = mirror
        self._labels = texts(labels, "labels")
        self._browser_credentials = BrowserCredentials(services)
        app = services.cookies.name
        self._page_tasks = PageTasks(app, services.clock)
        self._tabs = Tabs(
            app, services.sessions, services.clock, seconds=services.settings.recheck_seconds
        )

    def current(self) -> AuthState:
        """Return who is signed in; asked of the store once a run."""
        if not in_script_run():
            return AuthState()
        memory = run_memory()
        outcome = memory.get(self._services)
        if outcome is None:
            make_up_for_collection()
            context = self._context()
            arrival = context.visitor.take_link(context.origin)
            outcome = memory[self._services] = self._find_out()
            outcome.arrival = arrival
        if not outcome.settled:
            self._settle(outcome)
        return outcome

    def look(self) -> AuthState:
        """Return who is signed in, for a piece of a page that runs by itself, as by a timer.

        What a click in the same run has found out goes for it too. Otherwise it is asked of the
        store, and is no use of the sign-in.
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
        """Begin a sign-in on this connection; whoever was signed in here before is signed out.

        Raises:
            StoreError: It could not be begun; nothing has changed.
        """
        services, context = self._services, self._context()
        handshake = context.handshake
        capabilities = services.cache.capabilities(context)
        keeps = remember and capabilities.persistent and handshake.connection_id is not None
        session = services.sessions.start(owner, remember=keeps, client=handshake.client)
        try:
            task = (
                services.cache.keep(NewCredential(services, session, context), context)
                if keeps
                else None
            )
            with context.changing():
                self._end_held(context)
                context.begin_as(owner.user.id)
                context.bind(session.id)
        except (StoreError, InvalidToken):
            with suppress(StoreError):
                services.sessions.end(session.id)
            raise
        context.visitor.welcomed = session.id
        context.visitor.drop_question()
        self._page_tasks.assign(together([task, change_browser(context)]), context)
        context.visitor.not_kept = remember and capabilities.blocked
        self._learn(AuthState(session, owner.user))

    def changing(self) -> AbstractContextManager[object]:
        """Have this page's messages wait while a run replaces its sign-in."""
        return self._context().changing()

    def log_in(self, owner: UserRecord, *, remember: bool) -> None:
        """Record that a user has proven who they are; in a page, begin the sign-in.

        Raises:
            InvalidCredentials: The account has changed since.
            StoreError: The sign-in could not be begun; every sign-in is as before.
        """
        client = self.client()
        owner = self._services.accounts.note_login(owner, client=client)
        if in_script_run():
            self.sign_in(owner, remember=remember)
        self._services.events.record(EventType.LOGIN, user_id=owner.user.id, client=client)

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
        context = self._context()
        with context.changing():
            if session is not None and scope != "local":
                keep = session.id if scope == "others" else None
                self._services.sessions.end_user(session.user_id, keep=keep)
            if scope != "others":
                self._end_held(context)
                context.belong_to(None)
                context.unbind()
        if scope != "others":
            context.visitor.drop_question()
            context.visitor.refused_on = context.handshake.connection_id
            task = self._services.cache.forget(context)
            self._page_tasks.assign(together([task, change_browser(context)]), context)
            self._learn(AuthState())
        if session is not None:
            self._services.events.record(
                EventType.LOGOUT, user_id=session.user_id, client=self.client(), scope=scope
            )

    def is_recent(self, max_age: timedelta | None) -> bool:
        """Return whether the password was proven recently, as a guard asks.

        What the page draws below asks the same (`reauthentication`); a callback stands above
        nothing.
        """
        outcome = self.current()
        if max_age is not None and not in_callback():
            outcome.max_age = min(outcome.max_age or max_age, max_age)
        if in_page_run():
            self._context().visitor.remember_max_age(page_keys(), outcome.max_age)
        return is_recent(outcome.session, max_age, self._services.clock())

    def reauthentication(self) -> Reauthentication:
        """Return what the guard above a panel asks for, for the panel's fragments to keep.

        They run without the guard above them, also when another page has run meanwhile.
        """
        max_age = self.current().max_age
        if max_age is None and not in_page_run():
            max_age = remembered(self._context().visitor.max_ages)
        return Reauthentication(max_age, self._services.clock)

    def can_remember(self) -> bool:
        """Return whether a sign-in can outlive the page, where the browser lets it."""
        capabilities = self._services.cache.capabilities(self._context())
        return capabilities.persistent or capabilities.blocked

    @property
    def is_served(self) -> bool:
        """Whether the connection of the current run passes our middleware."""
        return self._context().handshake.served is not None

    def client(self) -> Client:
        """Return where the current run's connection comes from."""
        return self._context().handshake.client

    def t(self, labels: Texts = None) -> Translator:
        """Return what says texts to who is there: in an app's own words, or in their language.

        Args:
            labels: Words for one place, which come before those for the whole app.
        """
        words = {**self._labels, **texts(labels, "labels")}
        return Translator(words, self.client().language or ENGLISH)

    def token_for(self, purpose: TokenType) -> str:
        """Return the token of the link that opened this page; empty if it was none for this."""
        arrival = self.current().arrival
        return arrival.token if arrival and arrival.purpose is purpose else ""

    def drop_link(self) -> None:
        """Forget what the link brought here; what another browser brought stays."""
        outcome = self.current()
        if outcome.arrival is not None:
            self._context().visitor.arrival = outcome.arrival = None

    def _context(self) -> RequestContext:
        """Return the caller of this run; its handshake is read once."""
        settings = self._services.settings
        memory, slot = run_memory(), ("handshake", self._services)
        if slot not in memory:
            pinned = None if settings.language == "browser" else settings.language
            memory[slot] = Handshake.current(settings.trusted_proxies, pinned)
            if in_script_run():
                self._refuse_another_app(RequestContext.of(memory[slot], self._services.cookies))
        return RequestContext.of(memory[slot], self._services.cookies)

    def _refuse_another_app(self, context: RequestContext) -> None:
        """Stop a run of a page that another `Authenticator` has already, with other accounts.

        A page has one place for the sign-in of each cookie name, and a connection of `st.App` one
        in all: two would sign each other out.
        """
        served, identity = context.handshake.served, self._services.identity
        if served is not None and served.app not in {None, identity}:
            stop_misconfigured(ConfigError("Authenticator", OTHER_MIDDLEWARE), self._labels)
        if not context.visitor.belongs_to(identity):
            stop_misconfigured(ConfigError("PERSISTAUTH_COOKIE_NAME", SAME_COOKIE), self._labels)

    def _find_out(self) -> AuthState:
        """Ask the store who is there, in one piece, and one run after the other.

        What a browser presents may count once. It would be spent, or refused, before anybody knows
        what came of it, if this run were broken off or overtaken in between.
        """
        context = self._context()
        with uninterrupted(), session_lock("presence"):
            return self._ask_store(context)

    def _ask_store(self, context: RequestContext) -> AuthState:
        try:
            found = self._resume(context)
        except InvalidToken as refusal:
            context.belong_to(None)
            self._refuse(refusal, context)
            found = None
        except StoreError:
            self._mirror.show(None)
            return AuthState(unavailable=True)
        context.belong_to(found.user.id if found else None)
        self._mirror.show(found.user if found else None)
        if found is None:
            return AuthState(waiting=self._is_waiting(context))
        if context.visitor.welcomed != found.session.id:
            context.visitor.welcomed = found.session.id
            if self._services.settings.welcome:
                draw_toast(self.t()("Welcome back!"))
        return AuthState(found.session, found.user)

    def _resume(self, context: RequestContext) -> SignedIn | None:
        """Return the sign-in of this connection: proven on it, or presented in its handshake.

        Raises:
            InvalidToken: Something is presented, and it does not count.
            StoreError: It can't be told for now.
        """
        bound = context.bound
        if bound is not None:
            sessions = self._services.sessions
            found = sessions.resume_session(bound) if is_use() else sessions.peek(bound)
            if self._is_waiting(context):
                # What the browser answers only now has to name the same person.
                self._browser_credentials.hold_beside(found, context)
            context.bind(bound)
            url_token = context.visitor.url_token
            if url_token is not None and self._services.clock() >= url_token.renew_at:
                self._keep(self._services.cache, found.session, context)
            return found
        presented = self._browser_credentials.first(context)
        if presented is None:
            return None
        postpone_collection()
        first, found = presented
        # The handshake stays as it was, while the browser's credential may be renewed: so from
        # now on this connection is known by its sign-in.
        context.bind(found.session.id)
        if first.keeper is not None:
            self._follow_up(first, first.keeper, found.session, context)
        return found

    def _follow_up(
        self,
        presented: PresentedCredential,
        keeper: CacheBackend,
        session: Session,
        context: RequestContext,
    ) -> None:
        """Have the page keep what follows a presented credential or handle, if that is due."""
        if presented.is_url_token:
            self._keep(keeper, session, context)
            return
        credential = self._services.sessions.renew(presented.text)
        if credential is not None:
            self._page_tasks.assign(keeper.keep(RenewedCredential(credential), context), context)

    def _keep(self, keeper: CacheBackend, session: Session, context: RequestContext) -> None:
        """Have the page keep a sign-in."""
        task = keeper.keep(NewCredential(self._services, session, context), context)
        self._page_tasks.assign(task, context)

    def _is_waiting(self, context: RequestContext) -> bool:
        """Return whether the browser was asked what it keeps so lately that it may yet answer."""
        question = context.visitor.question
        if question is None or question.answered:
            return False
        if question.connection_id != context.handshake.connection_id:
            return False
        limit = timedelta(seconds=self._services.settings.answer_seconds)
        return self._services.clock() < question.since + limit

    def _refuse(self, refusal: InvalidToken, context: RequestContext) -> None:
        """Have the browser forget a credential that does not count; once on a connection.

        The handshake stays as it was, so later runs see the same credential again. Where somebody
        was signed in before, the browser may meanwhile keep a newer credential, written by
        another tab; so it is asked to forget only what it presents with a first visit.
        """
        context.reject()
        handshake, visitor = context.handshake, context.visitor
        if visitor.refused_on == handshake.connection_id is not None:
            return
        visitor.refused_on = handshake.connection_id
        is_first_visit = visitor.welcomed is None and not context.follows_end
        clears = is_first_visit or refusal.reason == TWO_PEOPLE
        task = self._services.cache.forget(context) if clears else None
        self._page_tasks.assign(task, context)
        self._services.events.record(
            EventType.TOKEN_REFUSED, client=handshake.client, reason=refusal.reason
        )

    def _end_held(self, context: RequestContext) -> None:
        """End the sign-in that this connection holds: bound to it, or presented by it."""
        held = context.bound or self._presented(context)
        if held is not None:
            self._services.sessions.end(held)

    def _presented(self, context: RequestContext) -> str | None:
        """Return the sign-in that the handshake's credential stands for."""
        try:
            presented = self._browser_credentials.first(context)
        except InvalidToken:
            return None
        return presented[1].session.id if presented else None

    def _learn(self, outcome: AuthState) -> None:
        """Let the rest of this run know."""
        run_memory()[self._services] = outcome
        self._mirror.show(outcome.user)

    def _settle(self, outcome: AuthState) -> None:
        """Draw what is hidden on the page, once for what a run knows, where the page keeps it."""
        if not in_page_run():
            return
        outcome.settled = True
        context = self._context()
        reserve_place(self._services.cookies.name)
        if self._page_tasks.draw_due(context) or (context.visitor.not_kept and outcome.user):
            context.visitor.not_kept = False
            draw_toast(self.t()(NOT_KEPT), icon=":material/warning:")
        if not outcome.unavailable:
            self._tabs.draw(outcome.session.id if outcome.session else None, context)
