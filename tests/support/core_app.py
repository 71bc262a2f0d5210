"""The core with memory stores that can fail, wired as an app would have it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import sleep
from typing import cast

from tests.support.clock import MovableClock
from tests.support.failing import FailingStore
from tests.support.forgery import AUDIENCE, KEY
from tests.support.store_kinds import CURRENT

from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.administration import UserAdmin
from streamlit_persistauth.core.accounts.confirmations import Confirmations
from streamlit_persistauth.core.accounts.invitations import Invitations
from streamlit_persistauth.core.accounts.link_tokens import Links
from streamlit_persistauth.core.accounts.mails import Job, Mailer, Mails
from streamlit_persistauth.core.accounts.password_changes import PasswordChanges
from streamlit_persistauth.core.accounts.registrations import Registrations
from streamlit_persistauth.core.accounts.resets import Resets
from streamlit_persistauth.core.audit.event_log import EventLog
from streamlit_persistauth.core.audit.events import Events
from streamlit_persistauth.core.passwords.checks import PasswordChecks
from streamlit_persistauth.core.passwords.hasher import TESTING_ROUNDS, PasswordHasher
from streamlit_persistauth.core.passwords.policy import PasswordPolicy
from streamlit_persistauth.core.sessions.jwt_signer import KeyRing, TokenSigner
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.sessions.session_queries import SessionQueries
from streamlit_persistauth.core.sessions.sessions import Sessions
from streamlit_persistauth.core.sessions.url_tokens import UrlTokens
from streamlit_persistauth.core.storage.locks import LeaseLock
from streamlit_persistauth.core.storage.lookup import SplitLookup
from streamlit_persistauth.core.storage.protocols import EventStore, Lookup, TokenStore, UserStore
from streamlit_persistauth.core.storage.purge import Purge, Rules
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.core.throttle.throttle import Throttle
from streamlit_persistauth.models import Client, Session, User
from streamlit_persistauth.stores.memory import MemoryEventStore

EMAIL = "ada@example.com"
PASSWORD = "plum-Kettle-93-orbit"
CLIENT = Client("203.0.113.7", "Mozilla/5.0")
LIFETIME = timedelta(hours=24)


@dataclass
class CoreApp:
    """Everything of one app but Streamlit.

    Attributes:
        users: The accounts; a store that can be told to fail.
        tokens: The sign-ins; a store that can be told to fail.
        events: The latest events.
        post: Runs the jobs of mails; immediately, unless a test replaces it.
    """

    clock: MovableClock = field(default_factory=MovableClock)
    users: FailingStore = field(default_factory=lambda: FailingStore(CURRENT.make_users()))
    tokens: FailingStore = field(default_factory=lambda: FailingStore(CURRENT.make_tokens()))
    events: MemoryEventStore = field(default_factory=MemoryEventStore)
    event_store: EventStore | None = None
    lookup: Lookup | None = None
    rounds: int = TESTING_ROUNDS
    lifetime: Lifetime = field(default_factory=lambda: Lifetime(LIFETIME))
    max_sessions: int = 0
    email_claim: bool = False
    mailer: Mailer | None = None
    post: Callable[[Job], object] = field(default=lambda job: job())
    must_confirm: bool = False
    rules: Rules = field(default_factory=Rules)

    def __post_init__(self) -> None:
        """Wire the parts."""
        users = cast("UserStore", self.users)
        self.hasher = PasswordHasher(self.rounds)
        self.signer = TokenSigner(KeyRing(KEY), audience=AUDIENCE, clock=self.clock)
        tokens = cast("TokenStore", self.tokens)
        self.recorder = Events(self.event_store or self.events, clock=self.clock)
        self.throttle = Throttle(tokens, self.recorder, clock=self.clock)
        self.mails = Mails(
            self.mailer,
            self.recorder,
            post=self._post,
            public_url="https://app.example.com",
            app_name="Orchard",
        )
        policy = PasswordPolicy(min_length=8, app_name="Orchard")
        passwords = PasswordChecks(
            users, hasher=self.hasher, events=self.recorder, clock=self.clock
        )
        self.accounts = Accounts(
            users,
            passwords=passwords,
            policy=policy,
            throttle=self.throttle,
            events=self.recorder,
            clock=self.clock,
        )
        self.password_changes = PasswordChanges(
            self.accounts,
            users,
            tokens,
            passwords=passwords,
            policy=policy,
            mails=self.mails,
            events=self.recorder,
        )
        self.links = Links(tokens, users, clock=self.clock)
        self.resets = Resets(
            self.accounts,
            self.password_changes,
            self.links,
            throttle=self.throttle,
            mails=self.mails,
            events=self.recorder,
        )
        self.leases = LeaseLock(tokens, clock=self.clock, wait=sleep)
        self.user_admin = UserAdmin(users, tokens, self.resets, self.recorder, leases=self.leases)
        self.event_log = EventLog(self.event_store or self.events)
        self.confirmations = Confirmations(
            self.accounts,
            users,
            tokens,
            self.links,
            user_admin=self.user_admin,
            throttle=self.throttle,
            mails=self.mails,
            events=self.recorder,
        )
        self.invitations = Invitations(
            self.accounts,
            self.password_changes,
            users,
            self.links,
            mails=self.mails,
            events=self.recorder,
            clock=self.clock,
        )
        self.registrations = Registrations(
            self.accounts,
            users,
            self.confirmations,
            self.invitations,
            throttle=self.throttle,
            mails=self.mails,
            events=self.recorder,
            must_confirm=lambda: self.must_confirm,
        )
        self.purge = Purge(
            users,
            tokens,
            self.event_store or self.events,
            rules=self.rules,
            post=lambda job: job(),
            clock=self.clock,
        )
        self.recorder.connect(self.purge.purge_when_due)
        self.sessions = Sessions(
            tokens,
            users,
            self.signer,
            self.recorder,
            lookup=self.lookup or SplitLookup(tokens, users),
            lifetime=self.lifetime,
            max_per_user=self.max_sessions,
            email_claim=self.email_claim,
            clock=self.clock,
        )
        self.session_queries = SessionQueries(tokens, lifetime=self.lifetime, clock=self.clock)
        self.url_tokens = UrlTokens(tokens, self.sessions, self.recorder, clock=self.clock)

    def _post(self, job: Job) -> None:
        self.post(job)

    def add_user(self, email: str = EMAIL, *, roles: tuple[str, ...] = ()) -> User:
        """Make an account with `PASSWORD`."""
        record = self.accounts.register(email, PASSWORD, full_name="Ada Lovelace", roles=roles)
        return record.user

    def change_user(self, user_id: str, **changes: object) -> None:
        """Change columns of an account, as an operator would."""
        self.users.update(user_id, changes)

    def sign_in(self, user: User, *, remember: bool = True) -> str:
        """Begin a sign-in and return its id."""
        return self.start(user, remember=remember).id

    def start(self, user: User, *, remember: bool = True) -> Session:
        """Begin a sign-in and return it."""
        owner = self.users.get(user.id) or UserRecord(user, "")
        return self.sessions.start(owner, remember=remember, client=CLIENT)
