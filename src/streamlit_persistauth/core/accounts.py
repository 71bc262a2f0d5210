"""Register and authenticate."""

import unicodedata
from typing import Final, NoReturn

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.emails import canonical_email
from streamlit_persistauth.core.events import Events, EventType
from streamlit_persistauth.core.passwords import PasswordHasher, check_policy, is_too_long
from streamlit_persistauth.core.records import UserChanges, UserRecord
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage import UserStore
from streamlit_persistauth.errors import (
    InvalidCredentials,
    InvalidEmail,
    InvalidName,
)
from streamlit_persistauth.models import Client, User

MAX_NAME_LENGTH: Final = 200
"""Characters of a full name."""
_NOBODY: Final = Client()


class Accounts:
    """Who has an account, and whether a password is theirs."""

    def __init__(
        self,
        users: UserStore,
        hasher: PasswordHasher,
        events: Events,
        *,
        min_password_length: int,
        clock: Clock,
    ) -> None:
        """Wire the parts.

        Args:
            users: Where accounts live.
            hasher: Hashes and verifies.
            events: Told of every outcome.
            min_password_length: Characters asked of a new password.
            clock: Where the time comes from.
        """
        self._users = users
        self._hasher = hasher
        self._events = events
        self._min_password_length = min_password_length
        self._clock = clock

    def register(
        self,
        email: str,
        password: str,
        *,
        full_name: str = "",
        roles: tuple[str, ...] = (),
        client: Client = _NOBODY,
    ) -> User:
        """Make an account.

        Raises:
            InvalidEmail: The address is none.
            InvalidName: The name can't be shown.
            InvalidPassword: The policy refuses the password.
            EmailTaken: Another account has the address.
        """
        address = canonical_email(email)
        name = clean_name(full_name)
        check_policy(password, min_length=self._min_password_length, email=address, full_name=name)
        user = User(
            id=new_id(),
            email=address,
            full_name=name,
            roles=tuple(sorted(set(roles))),
            created_at=self._clock(),
        )
        self._users.add(UserRecord(user, self._hasher.hash(password)))
        self._events.record(EventType.REGISTERED, user_id=user.id, client=client)
        return user

    def authenticate(self, email: str, password: str, *, client: Client = _NOBODY) -> User:
        """Return the user of this email and password.

        Every refusal does the work of one hash and says the same words, whether the account is
        unknown, disabled or has another password (ASVS 6.3.8). Text too long to be a password is
        refused unhashed, which tells nothing about accounts.

        Raises:
            InvalidCredentials: They don't sign in.
        """
        if is_too_long(password):
            self._refuse("password too long", None, client)
        stored = self._find(email)
        proven = self._hasher.verify(password, stored.password_hash if stored else None)
        if stored is None:
            self._refuse("unknown email", None, client)
        if not proven:
            self._refuse("wrong password", stored.user.id, client)
        if not stored.user.is_active:
            self._refuse("disabled", stored.user.id, client)
        return self._record_login(stored, password)

    def has_none(self) -> bool:
        """Return whether there is no account yet."""
        return self._users.is_empty()

    def _find(self, email: str) -> UserRecord | None:
        """Return the account of an address as a person types it, or None."""
        try:
            return self._users.find(canonical_email(email))
        except InvalidEmail:
            return None

    def _record_login(self, stored: UserRecord, password: str) -> User:
        """Note the login, make an old hash anew, and return the user as stored now."""
        changes: UserChanges = {"last_login_at": self._clock()}
        if self._hasher.needs_upgrade(stored.password_hash):
            changes["password_hash"] = self._hasher.hash(password)
        self._users.update(stored.user.id, changes)
        fresh = self._users.get(stored.user.id)
        if fresh is None or not fresh.user.is_active:
            raise InvalidCredentials
        return fresh.user

    def _refuse(self, reason: str, user_id: str | None, client: Client) -> NoReturn:
        self._events.record(EventType.LOGIN_FAILED, user_id=user_id, client=client, reason=reason)
        raise InvalidCredentials


def clean_name(text: str) -> str:
    """Return a name in NFC, without surrounding space.

    Raises:
        InvalidName: It is too long, or has control or unassigned characters.
    """
    name = unicodedata.normalize("NFC", text).strip()
    if len(name) > MAX_NAME_LENGTH:
        raise InvalidName(f"The name may have at most {MAX_NAME_LENGTH} characters.")
    if any(unicodedata.category(character) in _UNSHOWABLE for character in name):
        raise InvalidName("The name has characters that cannot be shown.")
    return name


_UNSHOWABLE: Final = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}
