"""The core with memory stores that can fail, built as an app builds it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import cast

from sqlalchemy import Engine
from tests.support.clock import MovableClock
from tests.support.failing import FailingStore
from tests.support.forgery import AUDIENCE, KEY
from tests.support.store_kinds import CURRENT

from streamlit_persistauth.core.accounts.login_names import LoginBy
from streamlit_persistauth.core.accounts.mails import Job, Mailer
from streamlit_persistauth.core.passwords.hasher import TESTING_ROUNDS, PasswordHasher
from streamlit_persistauth.core.passwords.policy import PasswordPolicy
from streamlit_persistauth.core.sessions.jwt_signer import KeyRing, TokenSigner
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.storage.charsets import CanHold, can_hold_all
from streamlit_persistauth.core.storage.lookup import SplitLookup
from streamlit_persistauth.core.storage.protocols import EventStore, Lookup, TokenStore, UserStore
from streamlit_persistauth.core.storage.purge import PurgeRules
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.core.text.mail_domains import MailDomains
from streamlit_persistauth.models import Client, Session, User
from streamlit_persistauth.stores.memory import MemoryEventStore
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.lookup import JoinedLookup
from streamlit_persistauth.wiring.build import CoreConfig, Stores, build_core

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
    domains: MailDomains = field(default_factory=MailDomains)
    login_by: LoginBy = LoginBy.EMAIL
    has_emails: bool = True
    can_hold: CanHold = can_hold_all
    rules: PurgeRules = field(default_factory=PurgeRules)

    def __post_init__(self) -> None:
        users, tokens = cast("UserStore", self.users), cast("TokenStore", self.tokens)
        self.hasher = PasswordHasher(self.rounds)
        self.signer = TokenSigner(KeyRing(KEY), audience=AUDIENCE, clock=self.clock)
        core = build_core(
            Stores(
                users,
                tokens,
                self.event_store or self.events,
                self.lookup or SplitLookup(tokens, users),
                can_hold=self.can_hold,
            ),
            CoreConfig(
                hasher=self.hasher,
                signer=self.signer,
                policy=PasswordPolicy(min_length=8, app_name="Orchard"),
                post_mail=self._post,
                post_purge=lambda job: job(),
                mailer=self.mailer,
                public_url="https://app.example.com",
                app_name="Orchard",
                lifetime=self.lifetime,
                max_sessions=self.max_sessions,
                email_claim=self.email_claim,
                domains=self.domains,
                login_by=self.login_by,
                has_emails=self.has_emails,
                must_confirm=lambda: self.must_confirm,
                purge_rules=self.rules,
                clock=self.clock,
            ),
        )
        self.recorder = core.events
        self.event_log = core.event_log
        self.throttle = core.throttle
        self.mails = core.mails
        self.login_names = core.login_names
        self.username_reminders = core.username_reminders
        self.accounts = core.accounts
        self.password_changes = core.password_changes
        self.links = core.links
        self.resets = core.resets
        self.leases = core.leases
        self.username_changes = core.username_changes
        self.user_admin = core.user_admin
        self.confirmations = core.confirmations
        self.invitations = core.invitations
        self.registrations = core.registrations
        self.setup_codes = core.setup_codes
        self.imports = core.imports
        self.purge = core.purge
        self.sessions = core.sessions
        self.session_queries = core.session_queries
        self.url_tokens = core.url_tokens

    def _post(self, job: Job) -> None:
        self.post(job)

    def add_user(
        self, email: str = EMAIL, username: str = "", *, roles: tuple[str, ...] = ()
    ) -> User:
        """Make an account with `PASSWORD`."""
        record = self.accounts.register(
            email, PASSWORD, username=username, full_name="Ada Lovelace", roles=roles
        )
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


def core_on(engine: Engine, *, synchronous_revocations: bool = False) -> CoreApp:
    """Return an app whose accounts and sessions are in a database."""
    database = Database(engine, synchronous_revocations=synchronous_revocations)
    return CoreApp(
        users=SQLUserStore(database),  # type: ignore[arg-type]
        tokens=SQLTokenStore(database),  # type: ignore[arg-type]
        lookup=JoinedLookup(database),
    )
