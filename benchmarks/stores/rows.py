"""Generates users and sign-ins by number, in the shape of real ones."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from hashlib import sha256

Row = tuple[str | int, ...]

PER_USER = 10
"""The number of sign-ins of one user."""
AGENT = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/140.0.0.0 Safari/537.36"
)
USER_COLUMNS = (
    "id",
    "email",
    "full_name",
    "password_hash",
    "is_active",
    "created_at",
    "roles",
    "email_key",
    "security_stamp",
)
TOKEN_COLUMNS = (
    "id",
    "user_id",
    "token_hash",
    "token_type",
    "created_at",
    "expires_at",
    "session_id",
    "security_stamp",
    "remember",
    "last_used_at",
    "ip_address",
    "user_agent",
    "revision",
)


@dataclass(frozen=True)
class Maker:
    """Generates rows for one time.

    Attributes:
        moment: When all of it happened.
    """

    moment: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    def users(self, numbers: range) -> Iterator[Row]:
        """Yield users; the columns are `USER_COLUMNS`."""
        now = _text(self.moment)
        stored = f"$bcrypt-sha256$v=2,t=2b,r=12${'.' * 22}${'.' * 31}"
        for number in numbers:
            email = f"user-{number}@example.com"
            yield (
                user_id(number),
                email,
                f"User {number}",
                stored,
                1,
                now,
                '["viewer"]',
                _digest("email", number),
                stamp(number),
            )

    def tokens(self, numbers: range, users: int, *, ended: bool = False) -> Iterator[Row]:
        """Yield sign-ins; the columns are `TOKEN_COLUMNS`.

        Their last use is in the future, so that resuming one does not write it: that happens once
        a minute at most, and would be all there is to see.

        Args:
            numbers: Which.
            users: How many users there are.
            ended: Whether they expired long ago.
        """
        began = self.moment - timedelta(days=100 if ended else 0)
        created, expires, used = (
            _text(began + timedelta(hours=hours)) for hours in (0, 24 if ended else 240, 2)
        )
        for number in numbers:
            owner = owner_of(number, users)
            yield (
                _digest("token", number)[:32],
                user_id(owner),
                sha256(secret(number).encode()).hexdigest(),
                "session",
                created,
                expires,
                session_id(number),
                stamp(owner),
                1,
                used,
                "203.0.113.7",
                AGENT,
                0,
            )


def owner_of(number: int, users: int) -> int:
    """Return the number of the user of a sign-in."""
    return number // PER_USER % users


def user_id(number: int) -> str:
    """Return the id of a user."""
    return _digest("user", number)[:32]


def session_id(number: int) -> str:
    """Return the id of a sign-in."""
    return _digest("session", number)[:32]


def stamp(number: int) -> str:
    """Return the security stamp of a user."""
    return _digest("stamp", number)[:32]


def secret(number: int) -> str:
    """Return the secret of a sign-in: 43 characters of base64url."""
    return base64.urlsafe_b64encode(sha256(b"secret %d" % number).digest())[:43].decode()


def _digest(kind: str, number: int) -> str:
    """Return 64 hexadecimal digits that look random."""
    return sha256(f"{kind} {number}".encode()).hexdigest()


def _text(moment: datetime) -> str:
    """Return a time in UTC, in a form that every database accepts."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
