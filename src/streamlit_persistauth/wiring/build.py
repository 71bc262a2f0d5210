"""Builds the services of the core from stores and a configuration, for apps and for tests."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import cached_property
from time import sleep

from streamlit_persistauth.core.accounts.account_changes import AccountChanges
from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.administration import UserAdmin
from streamlit_persistauth.core.accounts.confirmations import Confirmations
from streamlit_persistauth.core.accounts.display_names import DisplayNames
from streamlit_persistauth.core.accounts.imports import Imports
from streamlit_persistauth.core.accounts.invitations import Invitations
from streamlit_persistauth.core.accounts.link_tokens import Links
from streamlit_persistauth.core.accounts.login_names import LoginBy, LoginNames
from streamlit_persistauth.core.accounts.mail_requests import MailRequests
from streamlit_persistauth.core.accounts.mails import Mailer, Mails
from streamlit_persistauth.core.accounts.password_changes import PasswordChanges
from streamlit_persistauth.core.accounts.registrations import Registrations
from streamlit_persistauth.core.accounts.resets import Resets
from streamlit_persistauth.core.accounts.roles import ADMIN
from streamlit_persistauth.core.accounts.setup_codes import SetupCodes
from streamlit_persistauth.core.accounts.username_changes import UsernameChanges
from streamlit_persistauth.core.accounts.username_holders import UsernameHolders
from streamlit_persistauth.core.accounts.username_reminders import UsernameReminders
from streamlit_persistauth.core.audit.event_log import EventLog
from streamlit_persistauth.core.audit.events import Events
from streamlit_persistauth.core.clock import Clock, utc_now
from streamlit_persistauth.core.observer import UNOBSERVED, Observer
from streamlit_persistauth.core.passwords.checks import PasswordChecks
from streamlit_persistauth.core.passwords.hasher import PasswordHasher
from streamlit_persistauth.core.passwords.policy import PasswordPolicy
from streamlit_persistauth.core.sessions.jwt_signer import TokenSigner
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.sessions.session_queries import SessionQueries
from streamlit_persistauth.core.sessions.sessions import Sessions
from streamlit_persistauth.core.sessions.url_tokens import UrlTokens
from streamlit_persistauth.core.storage.charsets import CanHold, can_hold_all
from streamlit_persistauth.core.storage.locks import LeaseLock
from streamlit_persistauth.core.storage.protocols import EventStore, Lookup, TokenStore, UserStore
from streamlit_persistauth.core.storage.purge import Purge, PurgeRules
from streamlit_persistauth.core.text.languages import ENGLISH
from streamlit_persistauth.core.text.mail_domains import ANY_DOMAIN, MailDomains
from streamlit_persistauth.core.throttle.throttle import Throttle

Post = Callable[[Callable[[], None]], None]
"""Runs a function soon, outside the current run."""


@dataclass(frozen=True)
class Stores:
    """The stores of one app.

    Attributes:
        users: Its accounts.
        tokens: Its sessions, single-use tokens and counters.
        events: Its events.
        lookup: Reads sessions together with their accounts.
        has_roles: Whether accounts can have roles.
        can_hold: Returns whether a field of accounts can hold a text.
    """

    users: UserStore
    tokens: TokenStore
    events: EventStore
    lookup: Lookup
    has_roles: bool = True
    can_hold: CanHold = can_hold_all


@dataclass(frozen=True)
class CoreConfig:
    """What the core needs besides its stores.

    Attributes:
        hasher: Hashes passwords.
        signer: Signs credentials.
        policy: Decides which new passwords are accepted.
        lifetime: How long a session lasts.
        purge_rules: How long rows are kept.
        post_mail: Writes and sends mail.
        post_purge: Deletes expired rows.
        mailer: Sends mail; None where no mail is set up.
        public_url: The base of links in mails.
        app_name: The name of the app in mails.
        language: The language of mails to users who have not chosen one.
        max_sessions: The number of sessions that a user may have; 0 for any number.
        email_claim: Whether the credential holds the address of the user.
        domains: The mail domains whose addresses visitors may register.
        login_by: What users sign in with.
        has_emails: Whether the accounts have addresses; a table of the app may have none.
        must_confirm: Returns whether the next address that is registered has to be confirmed.
        observer: Measures the operations of the core.
        clock: Returns the present time.
    """

    hasher: PasswordHasher
    signer: TokenSigner
    policy: PasswordPolicy
    lifetime: Lifetime
    purge_rules: PurgeRules
    post_mail: Post
    post_purge: Post
    mailer: Mailer | None = None
    public_url: str | None = None
    app_name: str = ""
    language: str = ENGLISH
    max_sessions: int = 0
    email_claim: bool = False
    domains: MailDomains = ANY_DOMAIN
    login_by: LoginBy = LoginBy.EMAIL
    has_emails: bool = True
    must_confirm: Callable[[], bool] = lambda: False
    observer: Observer = UNOBSERVED
    clock: Clock = utc_now


@dataclass(frozen=True, eq=False, repr=False)
class Core:
    """The services of the core, connected to each other."""

    users: UserStore
    tokens: TokenStore
    login_names: LoginNames
    accounts: Accounts
    password_changes: PasswordChanges
    username_changes: UsernameChanges
    user_admin: UserAdmin
    registrations: Registrations
    setup_codes: SetupCodes
    confirmations: Confirmations
    invitations: Invitations
    imports: Imports
    resets: Resets
    username_reminders: UsernameReminders
    links: Links
    mails: Mails
    policy: PasswordPolicy
    sessions: Sessions
    session_queries: SessionQueries
    url_tokens: UrlTokens
    throttle: Throttle
    leases: LeaseLock
    purge: Purge
    events: Events
    event_log: EventLog
    clock: Clock


def build_core(stores: Stores, config: CoreConfig) -> Core:
    """Return the services of the core."""
    builder = _Builder(stores, config)
    builder.events.connect(builder.purge.purge_when_due)
    builder.events.connect(builder.setup_codes.revoke_with_account)
    return Core(**{field.name: getattr(builder, field.name) for field in fields(Core)})


class _Builder:
    """Builds each service at its first use, so their order does not matter."""

    def __init__(self, stores: Stores, config: CoreConfig) -> None:
        self.config = config
        self.users = stores.users
        self.tokens = stores.tokens
        self.stores = stores
        self.policy = config.policy
        self.clock = config.clock

    @cached_property
    def events(self) -> Events:
        return Events(self.stores.events, clock=self.clock)

    @cached_property
    def event_log(self) -> EventLog:
        return EventLog(self.stores.events)

    @cached_property
    def leases(self) -> LeaseLock:
        return LeaseLock(self.tokens, clock=self.clock, wait=sleep)

    @cached_property
    def purge(self) -> Purge:
        return Purge(
            self.users,
            self.tokens,
            self.stores.events,
            leases=self.leases,
            rules=self.config.purge_rules,
            post=self.config.post_purge,
            clock=self.clock,
        )

    @cached_property
    def throttle(self) -> Throttle:
        return Throttle(self.tokens, self.events, clock=self.clock)

    @cached_property
    def mails(self) -> Mails:
        return Mails(
            self.config.mailer,
            self.events,
            post=self.config.post_mail,
            public_url=self.config.public_url,
            app_name=self.config.app_name,
            language=self.config.language,
        )

    @cached_property
    def passwords(self) -> PasswordChecks:
        return PasswordChecks(
            self.users, hasher=self.config.hasher, events=self.events, clock=self.clock
        )

    @cached_property
    def login_names(self) -> LoginNames:
        return LoginNames(
            self.users,
            by=self.config.login_by,
            has_emails=self.config.has_emails,
            can_hold=self.stores.can_hold,
        )

    @cached_property
    def display_names(self) -> DisplayNames:
        return DisplayNames(self.stores.can_hold)

    @cached_property
    def username_holders(self) -> UsernameHolders:
        return UsernameHolders(self.users, self.events)

    @cached_property
    def mail_requests(self) -> MailRequests:
        return MailRequests(self.login_names, throttle=self.throttle, mails=self.mails)

    @cached_property
    def username_reminders(self) -> UsernameReminders:
        return UsernameReminders(self.mail_requests, mails=self.mails, events=self.events)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(
            self.users,
            login_names=self.login_names,
            display_names=self.display_names,
            passwords=self.passwords,
            policy=self.policy,
            throttle=self.throttle,
            events=self.events,
            clock=self.clock,
            observer=self.config.observer,
        )

    @cached_property
    def account_changes(self) -> AccountChanges:
        return AccountChanges(self.users, self.tokens)

    @cached_property
    def password_changes(self) -> PasswordChanges:
        return PasswordChanges(
            self.accounts,
            self.account_changes,
            passwords=self.passwords,
            policy=self.policy,
            mails=self.mails,
            events=self.events,
        )

    @cached_property
    def username_changes(self) -> UsernameChanges:
        return UsernameChanges(
            self.accounts,
            self.users,
            login_names=self.login_names,
            username_holders=self.username_holders,
            mails=self.mails,
            events=self.events,
        )

    @cached_property
    def sessions(self) -> Sessions:
        return Sessions(
            self.tokens,
            self.users,
            self.config.signer,
            self.events,
            lookup=self.stores.lookup,
            lifetime=self.config.lifetime,
            max_per_user=self.config.max_sessions,
            email_claim=self.config.email_claim,
            clock=self.clock,
            observer=self.config.observer,
        )

    @cached_property
    def session_queries(self) -> SessionQueries:
        return SessionQueries(self.tokens, lifetime=self.config.lifetime, clock=self.clock)

    @cached_property
    def url_tokens(self) -> UrlTokens:
        return UrlTokens(self.tokens, self.sessions, self.events, clock=self.clock)

    @cached_property
    def links(self) -> Links:
        return Links(self.tokens, self.users, clock=self.clock)

    @cached_property
    def resets(self) -> Resets:
        return Resets(
            self.login_names,
            self.password_changes,
            self.links,
            mail_requests=self.mail_requests,
            mails=self.mails,
            events=self.events,
        )

    @cached_property
    def user_admin(self) -> UserAdmin:
        return UserAdmin(
            self.users,
            self.tokens,
            self.resets,
            self.events,
            login_names=self.login_names,
            username_changes=self.username_changes,
            leases=self.leases,
        )

    @cached_property
    def confirmations(self) -> Confirmations:
        return Confirmations(
            self.accounts,
            self.account_changes,
            self.users,
            self.links,
            login_names=self.login_names,
            mail_requests=self.mail_requests,
            user_admin=self.user_admin,
            throttle=self.throttle,
            mails=self.mails,
            events=self.events,
            domains=self.config.domains,
        )

    @cached_property
    def invitations(self) -> Invitations:
        return Invitations(
            self.accounts,
            self.password_changes,
            self.users,
            self.links,
            login_names=self.login_names,
            display_names=self.display_names,
            username_holders=self.username_holders,
            mails=self.mails,
            events=self.events,
            clock=self.clock,
        )

    @cached_property
    def setup_codes(self) -> SetupCodes:
        return SetupCodes(
            self.tokens, self.users, throttle=self.throttle, events=self.events, clock=self.clock
        )

    @cached_property
    def registrations(self) -> Registrations:
        return Registrations(
            self.accounts,
            self.users,
            self.confirmations,
            self.invitations,
            self.setup_codes,
            login_names=self.login_names,
            username_holders=self.username_holders,
            throttle=self.throttle,
            mails=self.mails,
            events=self.events,
            domains=self.config.domains,
            must_confirm=self.config.must_confirm,
            first_roles=(ADMIN,) if self.stores.has_roles else (),
        )

    @cached_property
    def imports(self) -> Imports:
        return Imports(
            self.users,
            login_names=self.login_names,
            display_names=self.display_names,
            hasher=self.config.hasher,
            events=self.events,
            clock=self.clock,
        )
