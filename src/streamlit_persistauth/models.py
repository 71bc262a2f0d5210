"""What the library hands to an app: `User`, `Session`, `Stats`, `LoginResult`... All frozen."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class User(Mapping[str, Any]):
    """An account. Reads like an object (`user.email`) and like a mapping (`user["email"]`).

    Attributes:
        id: 32 hexadecimal digits, never reused.
        email: The address in its one canonical form; the login name.
        full_name: What the person calls themselves; text, never markup. May be empty.
        roles: Names of roles, sorted.
        is_active: False for a disabled account, which cannot sign in.
        created_at: When the account was made (UTC).
        last_login_at: When its owner last signed in (UTC), or None.
    """

    id: str
    email: str
    full_name: str = ""
    roles: tuple[str, ...] = ()
    is_active: bool = True
    created_at: datetime | None = None
    last_login_at: datetime | None = None

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - the columns have different types
        """Return the attribute of this name.

        Raises:
            KeyError: There is none.
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
class Session:
    """A sign-in that the server knows.

    Attributes:
        id: The claim `sid` of its credential; not a secret.
        user_id: Whose sign-in it is.
        created_at: When it began, which is when the password was proven (UTC).
        expires_at: When it ends by itself, at the latest (UTC).
        last_used_at: When it was last used (UTC), to the minute.
        remember: Whether a browser may keep a credential of it.
        ip_address: The network address it came from, where known.
        user_agent: The browser it came from, in its own words.
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
    """How much a store has of something.

    Attributes:
        live: What still counts.
        expired: What has expired and waits to be purged.
        oldest: When the oldest of it was made (UTC); None where there is none.
    """

    live: int = 0
    expired: int = 0
    oldest: datetime | None = None


@dataclass(frozen=True, slots=True)
class Stats:
    """What a store has, by the type of token: `"session"`, `"reset"` and so on.

    Attributes:
        by_type: For each type of which there is something.
    """

    by_type: Mapping[str, TokenCounts]

    @property
    def live(self) -> int:
        """How many still count."""
        return sum(counts.live for counts in self.by_type.values())

    @property
    def expired(self) -> int:
        """How many have expired and wait to be purged."""
        return sum(counts.expired for counts in self.by_type.values())

    @property
    def oldest(self) -> datetime | None:
        """When the oldest of all was made (UTC)."""
        return min(
            (counts.oldest for counts in self.by_type.values() if counts.oldest), default=None
        )


@dataclass(frozen=True, slots=True)
class Credential:
    """What a browser keeps: a signed JWT. Its text never shows in a repr.

    Attributes:
        text: The JWT in compact serialisation (RFC 7515 7.1).
        expires_at: When it stops counting (UTC).
    """

    text: str = field(repr=False)
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Client:
    """Where a request came from, as far as the server can tell.

    Attributes:
        ip_address: The network address.
        user_agent: The browser, in its own words.
        language: The one of our languages that its page speaks; None for no page.
    """

    ip_address: str | None = None
    user_agent: str | None = None
    language: str | None = None


NOBODY = Client()
"""A request that came from nowhere: a program, or a test."""


class LoginResult(NamedTuple):
    """The outcome of `Authenticator.login`; unpacks as `ok, user, message = ...`."""

    ok: bool
    user: User | None
    message: str
