"""The import of accounts with their password hashes from another system."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field, replace
from datetime import datetime
from typing import Final

from streamlit_persistauth.core.accounts.display_names import DisplayNames
from streamlit_persistauth.core.accounts.drafts import new_record
from streamlit_persistauth.core.accounts.login_names import LoginBy, LoginNames
from streamlit_persistauth.core.accounts.roles import clean_roles
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.passwords.hash_format import read_hash
from streamlit_persistauth.core.passwords.hasher import PasswordHasher, is_too_long
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.errors import (
    EmailTaken,
    InvalidEmail,
    InvalidRole,
    InvalidUsername,
    RegistrationError,
    UsernameTaken,
)
from streamlit_persistauth.models import User


@dataclass(frozen=True, slots=True)
class ImportedAccount:
    """An account of another system.

    Attributes:
        label: The name of the account in the other system, for messages.
        email: The email address; may be empty.
        full_name: The display name.
        password_hash: A bcrypt hash, or a hash of this library.
        password: The password in plain text, if the other system stores it like that.
        roles: The names of the roles.
        is_active: Whether the account may sign in.
        created_at: The time of creation; None for the time of the import.
        is_pending: Whether the address was not confirmed in the other system.
        username: The username; may be empty.
    """

    label: str
    email: str = ""
    full_name: str = ""
    password_hash: str = field(default="", repr=False)
    password: str = field(default="", repr=False)
    roles: tuple[str, ...] = ()
    is_active: bool = True
    created_at: datetime | None = None
    is_pending: bool = False
    username: str = ""


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result for one account.

    Attributes:
        label: The name of the account in the other system.
        email: The email address; empty if the account has none.
        skipped: The reason for skipping the account, or None if it was imported.
        username: The username; empty if the account has none.
        note: Why an account was imported without its address or its username, or None.
        roles: The roles of an account that was imported.
    """

    label: str
    email: str
    skipped: str | None = None
    username: str = ""
    note: str | None = None
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False, repr=False)
class Imports:
    """Adds accounts from another system. Existing accounts are not changed."""

    users: UserStore
    _: KW_ONLY
    login_names: LoginNames
    display_names: DisplayNames
    hasher: PasswordHasher
    events: Events
    clock: Clock

    def import_accounts(
        self, accounts: Iterable[ImportedAccount], *, source: str, dry_run: bool = False
    ) -> Iterator[ImportResult]:
        """Add the accounts one by one, and yield the result for each.

        The password policy does not apply to existing passwords. An account with an invalid address
        or username is added without it if it can sign in with the other one.

        Args:
            accounts: The accounts.
            source: The name of the other system, for the event.
            dry_run: Whether to yield the results without adding any account.

        Raises:
            StoreError: The store failed. The accounts yielded before it were added.
        """
        seen: set[str] = set()
        for account in accounts:
            try:
                draft, note = self._draft(account, hashes=not dry_run)
                record, note = self._add(draft, note, seen, dry_run=dry_run)
            except (_Skipped, InvalidRole, RegistrationError) as reason:
                yield ImportResult(account.label, account.email, str(reason), account.username)
                continue
            user = record.user
            if not dry_run:
                self.events.record(EventType.REGISTERED, user_id=user.id, source=source)
            yield ImportResult(account.label, user.email, None, user.username, note, user.roles)

    def _draft(self, account: ImportedAccount, *, hashes: bool) -> tuple[UserRecord, str | None]:
        """Return the record of a new account, and why it lacks a login name, if it does.

        Raises:
            InvalidEmail: The account can't sign in without its address, which is not valid.
            InvalidUsername: The account can't sign in without its username, which is not valid.
            InvalidName: The name cannot be shown.
            InvalidRole: The name of a role is not acceptable.
            _Skipped: The account is pending, has no login name that users sign in with, or has no
                password that can be verified.
        """
        if account.is_pending:  # it may have been created by another person
            raise _Skipped("Its address was never confirmed; invite its owner instead.")
        if not account.password_hash and not account.password:
            raise _Skipped("It has no password; invite its owner instead.")
        email, no_email = _clean(self.login_names.clean_email, account.email)
        username, no_username = _clean(self.login_names.clean_username, account.username)
        user = User(
            id=new_id(),
            email=email,
            full_name=self.display_names.clean(account.full_name),
            roles=clean_roles(account.roles),
            is_active=account.is_active,
            created_at=account.created_at or self.clock(),
            username=username,
        )
        if not self.login_names.can_sign_in(user):
            by = self.login_names.by
            faults = {
                LoginBy.EMAIL: no_email,
                LoginBy.USERNAME: no_username,
                LoginBy.EITHER: no_email or no_username,
            }
            raise faults[by] or _Skipped(_NO_LOGIN_NAME[by])
        fault = no_email or no_username
        note = None if fault is None else str(fault)
        return new_record(user, self._hash_of(account, hashes=hashes)), note

    def _hash_of(self, account: ImportedAccount, *, hashes: bool) -> str:
        if account.password_hash:
            if read_hash(account.password_hash) is None:
                raise _Skipped("Its password hash is not a bcrypt hash.")
            if not self.hasher.can_read(account.password_hash):
                raise _Skipped("Its password was hashed with an unknown pepper.")
            return account.password_hash
        if is_too_long(account.password):
            raise _Skipped("Its password is too long.")
        return self.hasher.hash(account.password) if hashes else ""

    def _add(
        self, record: UserRecord, note: str | None, seen: set[str], *, dry_run: bool
    ) -> tuple[UserRecord, str | None]:
        """Add an account, or check that it could be added; return it, and a note.

        Where users sign in with their address, a username that is taken is left out.

        Raises:
            EmailTaken: Another account has the address, or one that looks like it.
            UsernameTaken: Another account has the username, or one that looks like it.
        """
        try:
            self._add_all(record, seen, dry_run=dry_run)
        except UsernameTaken as refusal:
            if self.login_names.by is not LoginBy.EMAIL:
                raise
            record = replace(record, user=replace(record.user, username=""), username_key=None)
            self._add_all(record, seen, dry_run=dry_run)
            return record, str(refusal)
        return record, note

    def _add_all(self, record: UserRecord, seen: set[str], *, dry_run: bool) -> None:
        user = record.user
        if record.email_key in seen or (user.email and self.users.find(user.email)):
            raise EmailTaken
        if record.username_key in seen or (
            user.username and self.users.find_username(user.username)
        ):
            raise UsernameTaken
        if not dry_run:
            self.users.add(record)
        seen.update(filter(None, (record.email_key, record.username_key)))


class _Skipped(Exception):
    """An account cannot be imported; the message gives the reason."""


_NO_LOGIN_NAME: Final[Mapping[LoginBy, str]] = {
    LoginBy.EMAIL: "It has no email address, with which users sign in (PERSISTAUTH_LOGIN_BY).",
    LoginBy.USERNAME: "It has no username, with which users sign in (PERSISTAUTH_LOGIN_BY).",
    LoginBy.EITHER: "It has neither an email address nor a username.",
}
"""Why an account is skipped, by what users sign in with."""


def _clean(
    canonical: Callable[[str], str], text: str
) -> tuple[str, InvalidEmail | InvalidUsername | None]:
    """Return a login name in canonical form, or an empty text and what is wrong with it."""
    try:
        return (canonical(text) if text.strip() else ""), None
    except (InvalidEmail, InvalidUsername) as fault:
        return "", fault
