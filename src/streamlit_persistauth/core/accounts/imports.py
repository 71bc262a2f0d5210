"""Accounts that come from another system, with the passwords they have there."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
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
    """An account as another system has it.

    Attributes:
        label: What it is called there, to tell people about it.
        email: What is to be its login name.
        full_name: What the person calls themselves.
        password_hash: bcrypt, or one of ours.
        password: The password itself, where the other system keeps that.
        roles: What it may do.
        is_active: Whether it may sign in.
        created_at: When it was made there; None for now.
        is_pending: Whether it waits there for its address to be proven, as with us.
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
    """What became of a newcomer.

    Attributes:
        label: What it is called in the other system.
        email: Its login name here; empty where it has none.
        skipped: Why it was left out; None where it was not.
    """

    label: str
    email: str
    skipped: str | None = None


class Imports:
    """Takes accounts in as they are. Nobody's account here is ever changed by it."""

    def __init__(
        self, users: UserStore, *, hasher: PasswordHasher, events: Events, clock: Clock
    ) -> None:
        """Wire the parts."""
        self._users = users
        self._hasher = hasher
        self._events = events
        self._clock = clock

    def import_accounts(
        self, accounts: Iterable[ImportedAccount], *, source: str, dry_run: bool = False
    ) -> Iterator[ImportResult]:
        """Add the accounts, one after the other, and tell what became of each.

        What the policy says of new passwords is not asked of old ones.

        Args:
            accounts: The accounts.
            source: Where they come from, for the event.
            dry_run: Tell what would become of each, and add none.

        Raises:
            StoreError: They could not be read or added; those told of before are there.
        """
        seen: set[str] = set()
        for account in accounts:
            try:
                record = self._draft(account, hashes=not dry_run)
                self._admit(record, seen, dry_run=dry_run)
            except (_Unfit, InvalidRole, RegistrationError) as reason:
                yield ImportResult(account.label, account.email, str(reason))
                continue
            if not dry_run:
                self._events.record(EventType.REGISTERED, user_id=record.user.id, source=source)
            yield ImportResult(account.label, record.user.email)

    def _draft(self, account: ImportedAccount, *, hashes: bool) -> UserRecord:
        """Return what the account would be here.

        Raises:
            InvalidEmail: It has no address.
            InvalidName: Its name can't be shown.
            InvalidRole: A role of its can't be called so here.
            _Unfit: It waits for its owner, or has no password that can be verified here.
        """
        if account.is_pending:  # whoever made it need not own the address
            raise _Unfit("Its address was never proven; invite its owner instead.")
        address = canonical_email(account.email)
        user = User(
            id=new_id(),
            email=address,
            full_name=clean_name(account.full_name),
            roles=clean_roles(account.roles),
            is_active=account.is_active,
            created_at=account.created_at or self._clock(),
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
                raise _Unfit("Its password is hashed otherwise than by bcrypt.")
            if not self._hasher.can_read(account.password_hash):
                raise _Unfit("Its password was hashed with a pepper that is not known here.")
            return account.password_hash
        if not account.password:
            raise _Unfit("It has no password; invite its owner instead.")
        if is_too_long(account.password):
            raise _Unfit("Its password is too long.")
        return self._hasher.hash(account.password) if hashes else ""

    def _admit(self, record: UserRecord, seen: set[str], *, dry_run: bool) -> None:
        """Add an account, or see that it could be.

        Raises:
            EmailTaken: There is one with this address, or one that looks like it.
        """
        key = record.email_key or record.user.email
        if key in seen or self._users.find(record.user.email) is not None:
            raise EmailTaken
        seen.add(key)
        if not dry_run:
            self._users.add(record)


class _Unfit(Exception):
    """An account can't be taken in; the text says why."""
