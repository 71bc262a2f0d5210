"""Limit the length of a text before anything else happens to it.

Every text from outside passes through here before it is normalised, parsed, hashed, looked up,
rendered or stored. NFC and NFKC sort each run of combining marks in quadratic time: 240 kB of marks
take ten seconds. Checking the length is immediate.
"""

import unicodedata
from typing import Final

MAX_ID: Final = 36
"""Characters of an id; the width of the columns."""
MAX_WORD: Final = 64
"""Characters of a single word: a token of this library, which has 43, or a name."""
MAX_ADDRESS: Final = 45
"""Characters of a network address (RFC 4291 2.2, an IPv4-mapped address written out)."""
MAX_AGENT: Final = 255
"""Characters stored of a `User-Agent` header."""
MAX_DETAIL: Final = 1000
"""Characters stored of one detail of an event."""
_COMPOSED: Final = 8
"""NFC composes at most four characters into one; this leaves some room."""


def fits(text: str, limit: int) -> bool:
    """Return whether a text has at most `limit` characters."""
    return len(text) <= limit


def shorten(text: str, limit: int) -> str:
    """Return the first `limit` characters of a text."""
    return text[:limit]


def normal_form(text: str, limit: int) -> str | None:
    """Return a text in NFC, or None if that form has more than `limit` characters.

    A text that cannot become short enough is not normalised.
    """
    if not fits(text, _COMPOSED * limit):
        return None
    normal = unicodedata.normalize("NFC", text)
    return normal if fits(normal, limit) else None
