"""The import of accounts with their password hashes from another system."""

from collections.abc import Iterable, Iterator
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime

from streamlit_persistauth.core.accounts.roles import clean_roles
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.passwords.hash_format import read_hash
from streamlit_persistauth.core.passwords.hasher import PasswordHasher, is_too_long
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.core.text.emails import canonical_email, email_key
from streamlit_persistauth.core.text.names import clean_name
from streamlit_persistauth.errors import EmailTaken, InvalidRole, RegistrationError
from streamlit_persistauth.models import User


@dataclass(frozen=True, slots=True)
class ImportedAccount:
    """An account of another system.

    Attributes:
        label: The name of the account in the other system, for messages.
        email: The email address, which becomes the login name.
        full_name: The display name.
        password_hash: A bcrypt hash, or a hash of this library.
        password: The password in plain text, if the other system stores it like that.
        roles: The names of the roles.
        is_active: Whether the account may sign in.
        created_at: The time of creation; None for the time of the import.
        is_pending: Whether the address was not confirmed in the other system.
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


@dataclass(frozen=True, slots=True)
class ImportResult:
    """The result for one account.

    Attributes:
        label: The name of the account in the other system.
        email: The login name; empty if the account has no address.
        skipped: The reason for skipping the account, or None if it was imported.
    """

    label: str
    email: str
    skipped: str | None = None


@dataclass(frozen=True, eq=False, repr=False)
class Imports:
    """Adds accounts from another system. Existing accounts are not changed."""

    users: UserStore
    _: KW_ONLY
    hasher: PasswordHasher
    events: Events
    clock: Clock

    def import_accounts(
        self, accounts: Iterable[ImportedAccount], *, source: str, dry_run: bool = False
    ) -> Iterator[ImportResult]:
        """Add the accounts one by one, and yield the result for each.

        The password policy does not apply to existing passwords.

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
                record = self._draft(account, hashes=not dry_run)
                self._add(record, seen, dry_run=dry_run)
            except (_Skipped, InvalidRole, RegistrationError) as reason:
                yield ImportResult(account.label, account.email, str(reason))
                continue
            if not dry_run:
                self.events.record(EventType.REGISTERED, user_id=record.user.id, source=source)
            yield ImportResult(account.label, record.user.email)

    def _draft(self, account: ImportedAccount, *, hashes: bool) -> UserRecord:
        """Return the record of a new account.

        Raises:
            InvalidEmail: The account has no email address.
            InvalidName: The name cannot be shown.
            InvalidRole: The name of a role is not acceptable.
            _Skipped: The account is pending, or has no password that can be verified.
        """
        if account.is_pending:  # it may have been created by another person
            raise _Skipped("Its address was never confirmed; invite its owner instead.")
        address = canonical_email(account.email)
        user = User(
            id=new_id(),
            email=address,
            full_name=clean_name(account.full_name),
            roles=clean_roles(account.roles),
            is_active=account.is_active,
            created_at=account.created_at or self.clock(),
        )
        return UserRecord(
            user,
            self._hash_of(account, hashes=hashes),
            email_key=email_key(address),
            security_stamp=new_id(),
        )

    def _hash_of(self, account: ImportedAccount, *, hashes: bool) -> str:
        if account.password_hash:
            if read_hash(account.password_hash) is None:
                raise _Skipped("Its password hash is not a bcrypt hash.")
            if not self.hasher.can_read(account.password_hash):
                raise _Skipped("Its password was hashed with an unknown pepper.")
            return account.password_hash
        if not account.password:
            raise _Skipped("It has no password; invite its owner instead.")
        if is_too_long(account.password):
            raise _Skipped("Its password is too long.")
        return self.hasher.hash(account.password) if hashes else ""

    def _add(self, record: UserRecord, seen: set[str], *, dry_run: bool) -> None:
        """Add an account, or check that it could be added.

        Raises:
            EmailTaken: Another account has the address, or one that looks like it.
        """
        key = record.email_key or record.user.email
        if key in seen or self.users.find(record.user.email) is not None:
            raise EmailTaken
        seen.add(key)
        if not dry_run:
            self.users.add(record)


class _Skipped(Exception):
    """An account cannot be imported; the message gives the reason."""
