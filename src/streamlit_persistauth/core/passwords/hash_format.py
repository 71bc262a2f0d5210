"""The text that is stored of a password: its scheme, its parameters, its salt and its digest."""

import re
from dataclasses import dataclass, field
from typing import Final

LEAST_ROUNDS: Final = 4
MOST_ROUNDS: Final = 20
"""The most that can be set. bcrypt's own 31 would keep a worker busy for a day and a half, at
whoever's try: so a hash that was slipped in like this is none."""

TAG: Final = "$bcrypt-sha256$v=2,t=2b,r="
"""What stands before the cost of a hash that we made."""
_TAGGED: Final = re.compile(
    r"\$bcrypt-sha256\$v=2,t=2b,r=(?P<rounds>[0-9]{1,2})(,p=(?P<pepper>[0-9a-f]{16}))?"
    r"\$(?P<salt>[./A-Za-z0-9]{21}[.Oeu])\$(?P<digest>[./A-Za-z0-9]{31})"
)
"""The last character of a salt carries two bits only, so there are four of them."""
_PLAIN: Final = re.compile(
    r"\$2[aby]\$(?P<rounds>[0-9]{2})\$(?P<salt>[./A-Za-z0-9]{21}[.Oeu])"
    r"(?P<digest>[./A-Za-z0-9]{31})"
)


@dataclass(frozen=True, slots=True)
class StoredHash:
    """One stored hash, taken apart.

    Attributes:
        rounds: The base-2 logarithm of the number of iterations.
        salt: 22 characters of bcrypt's own base64.
        digest: 31 of them.
        pepper: The id of the pepper that went in, if one did.
        plain: Its text, where it is bcrypt of the password itself: `$2a$`, `$2b$` or `$2y$`.
    """

    rounds: int
    salt: str
    digest: str = field(default="", repr=False)
    pepper: str | None = None
    plain: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        """Return the text to store."""
        if self.plain is not None:
            return self.plain
        pepper = f",p={self.pepper}" if self.pepper else ""
        return f"{TAG}{self.rounds}{pepper}${self.salt}${self.digest}"

    @property
    def setting(self) -> bytes:
        """What bcrypt takes: version, cost and salt."""
        return f"$2b${self.rounds:02d}${self.salt}".encode()


def cost_of(text: str) -> int:
    """Return the base-2 logarithm of the iterations of a stored hash; 0 for any other text."""
    known = read_hash(text)
    return known.rounds if known else 0


def read_hash(text: str) -> StoredHash | None:
    """Return a stored hash, or None for a text that is none."""
    tagged = _TAGGED.fullmatch(text)
    found = tagged or _PLAIN.fullmatch(text)
    if found is None or not LEAST_ROUNDS <= int(found["rounds"]) <= MOST_ROUNDS:
        return None
    return StoredHash(
        rounds=int(found["rounds"]),
        salt=found["salt"],
        digest=found["digest"],
        pepper=tagged["pepper"] if tagged else None,
        plain=None if tagged else text,
    )
