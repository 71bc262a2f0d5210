"""The immutable values that the library returns: `User`, `Session`, `Stats` and others."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, NamedTuple, overload


@dataclass(frozen=True, slots=True)
class User(Mapping[str, Any]):
    """An account. Supports attributes (`user.email`) and mapping access (`user["email"]`).

    Attributes:
        id: The identifier of the account, never reused. The library's own table uses 32 hexadecimal
            digits; another user store may use other text.
        email: The email address in canonical form; empty for an account without an address.
        full_name: The display name, as plain text. May be empty.
        roles: The names of the roles, sorted.
        is_active: False for a disabled account, which cannot sign in.
        created_at: The time of creation (UTC), or None if unknown.
        last_login_at: The time of the last sign-in (UTC), or None before the first one.
        username: The username in canonical form; empty for an account without one.
    """

    id: str
    email: str
    full_name: str = ""
    roles: tuple[str, ...] = ()
    is_active: bool = True
    created_at: datetime | None = None
    last_login_at: datetime | None = None
    username: str = ""

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - the columns have different types
        """Return the attribute with this name.

        Raises:
            KeyError: No attribute has this name.
        """
        if name not in _USER_FIELDS:
            raise KeyError(name)
        return getattr(self, name)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the attribute names."""
        return iter(_USER_FIELDS)

    def __len__(self) -> int:
        """Return the number of attributes."""
        return len(_USER_FIELDS)


_USER_FIELDS = tuple(item.name for item in fields(User))


@dataclass(frozen=True, slots=True)
class UserList(Sequence[User]):
    """A sequence of accounts, as `auth.users.list` returns it.

    Attributes:
        users: The accounts.
        total: The number of all accounts that match, of which these may be a part.
    """

    users: tuple[User, ...]
    total: int

    @overload
    def __getitem__(self, index: int) -> User: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[User, ...]: ...
    def __getitem__(self, index: int | slice) -> User | tuple[User, ...]:
        """Return an account by its position, or a tuple of accounts for a slice."""
        return self.users[index]

    def __len__(self) -> int:
        """Return the number of accounts in this sequence."""
        return len(self.users)


@dataclass(frozen=True, slots=True)
class AccountLink:
    """A link by which a user chooses a password. `repr()` omits it.

    If mail is set up, the link was sent to the user, and no one else gets it.

    Attributes:
        user: The account.
        token: The token for the query parameter `persistauth_invitation` or `persistauth_reset` of
            the app's address. It is valid once. None if the link was sent.
        url: The link with the token. None if it was sent, or without PERSISTAUTH_PUBLIC_URL.
    """

    user: User
    token: str | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)

    @property
    def is_sent(self) -> bool:
        """Whether the link was sent to the user by mail."""
        return self.token is None


@dataclass(frozen=True, slots=True)
class Session:
    """A session of a signed-in user, as stored on the server.

    Attributes:
        id: The claim `sid` of the session's credential. It is not a secret.
        user_id: The id of the user.
        created_at: The time of the sign-in, when the user entered the password (UTC).
        expires_at: The time at which the session expires (UTC).
        last_used_at: The time of the last use (UTC), accurate to one minute.
        remember: Whether a browser may keep a credential for the session.
        ip_address: The network address of the sign-in, or None if unknown.
        user_agent: The `User-Agent` header of the sign-in, or None if unknown.
    """

    id: str
    user_id: str
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None = None
    remember: bool = True
    ip_address: str | None = None
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """The number of tokens of one type in a store.

    Attributes:
        live: The tokens that have not expired.
        expired: The tokens that have expired and were not purged yet.
        oldest: The creation time of the oldest token (UTC), or None without tokens.
    """

    live: int = 0
    expired: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stats:
    """The number of tokens in a store, by type: `"session"`, `"reset"` and so on.

    Attributes:
        by_type: The counts of each type of which the store has at least one token.
    """

    by_type: Mapping[str, TokenCounts]

    @property
    def live(self) -> int:
        """The number of tokens that have not expired."""
        return sum(counts.live for counts in self.by_type.values())

    @property
    def expired(self) -> int:
        """The number of tokens that have expired and were not purged yet."""
        return sum(counts.expired for counts in self.by_type.values())

    @property
    def oldest(self) -> datetime | None:
        """The creation time of the oldest token (UTC), or None without tokens."""
        return min(
            (counts.oldest for counts in self.by_type.values() if counts.oldest), default=None
        )


@dataclass(frozen=True, slots=True)
class Credential:
    """A signed JWT that a browser keeps. `repr()` omits its text.

    Attributes:
        text: The JWT in compact serialisation (RFC 7515 7.1).
        expires_at: The time at which it expires (UTC).
    """

    text: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Client:
    """The origin of a request, as far as the server knows it.

    Attributes:
        ip_address: The network address.
        user_agent: The `User-Agent` header.
        language: The language of the page, one of those that the library is translated to.
    """

    ip_address: str | None = None
    user_agent: str | None = None
    language: str | None = None


NOBODY = Client()
"""The client of a call that no browser caused, for example of a command or a test."""


class LoginResult(NamedTuple):
    """The result of `Authenticator.login`; unpacks as `ok, user, message = ...`."""

    ok: bool
    user: User | None
    message: str
