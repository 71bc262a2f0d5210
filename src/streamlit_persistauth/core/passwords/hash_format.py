"""The format of a stored password hash: scheme, parameters, salt and digest."""

import re
from dataclasses import dataclass, field
from typing import Final

LEAST_ROUNDS: Final = 4
MOST_ROUNDS: Final = 20
"""The maximum cost. bcrypt allows 31, which would occupy a worker for a day and a half at each
attempt, so a planted hash with that cost is rejected."""

TAG: Final = "$bcrypt-sha256$v=2,t=2b,r="
"""The beginning of a hash of this library, up to the cost."""
_TAGGED: Final = re.compile(
    r"\$bcrypt-sha256\$v=2,t=2b,r=(?P<rounds>[0-9]{1,2})(,p=(?P<pepper>[0-9a-f]{16}))?"
    r"\$(?P<salt>[./A-Za-z0-9]{21}[.Oeu])\$(?P<digest>[./A-Za-z0-9]{31})"
)
"""The last character of a salt carries two bits, so it has four possible values."""
_PLAIN: Final = re.compile(
    r"\$2[aby]\$(?P<rounds>[0-9]{2})\$(?P<salt>[./A-Za-z0-9]{21}[.Oeu])"
    r"(?P<digest>[./A-Za-z0-9]{31})"
)


@dataclass(frozen=True, slots=True)
class StoredHash:
    """A parsed password hash.

    Attributes:
        rounds: The base-2 logarithm of the number of iterations.
        salt: 22 characters of bcrypt's base64.
        digest: 31 characters of bcrypt's base64.
        pepper: The id of the pepper, if one was used.
        plain: The original text of a plain bcrypt hash: `$2a$`, `$2b$` or `$2y$`.
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
        """The version, cost and salt as bcrypt expects them."""
        return f"$2b${self.rounds:02d}${self.salt}".encode()


def cost_of(text: str) -> int:
    """Return the base-2 logarithm of the iterations of a stored hash; 0 for any other text."""
    known = read_hash(text)
    return known.rounds if known else 0


def read_hash(text: str) -> StoredHash | None:
    """Return a parsed hash, or None for a text that is not one."""
    tagged = _TAGGED.fullmatch(text)
    match = tagged or _PLAIN.fullmatch(text)
    if match is None or not LEAST_ROUNDS <= int(match["rounds"]) <= MOST_ROUNDS:
        return None
    return StoredHash(
        rounds=int(match["rounds"]),
        salt=match["salt"],
        digest=match["digest"],
        pepper=tagged["pepper"] if tagged else None,
        plain=None if tagged else text,
    )
