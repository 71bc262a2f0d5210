"""Measure a text before anything else is done with it.

Whatever is normalised, parsed, hashed, looked up, rendered or stored goes through here first. NFC
and NFKC sort the combining marks of a run, which takes the square of its length: 240 kB of marks
keep a processor busy for ten seconds. A length takes no time at all.
"""

import unicodedata
from typing import Final

MAX_ID: Final = 36
"""Characters of an id, as the tables hold it."""
MAX_WORD: Final = 64
"""Characters of one word: a token that we made, which has 43, or the name of a thing."""
MAX_ADDRESS: Final = 45
"""Characters of a network address (RFC 4291 2.2, an IPv4-mapped one written out)."""
MAX_AGENT: Final = 255
"""Characters that are kept of what a browser calls itself."""
MAX_DETAIL: Final = 1000
"""Characters that are kept of one detail of an event."""
_JOINED: Final = 8
"""NFC joins at most four characters into one; this leaves some room."""


def fits(text: str, limit: int) -> bool:
    """Return whether a text has at most so many characters."""
    return len(text) <= limit


def shorten(text: str, limit: int) -> str:
    """Return the beginning of a text, at most so many characters of it."""
    return text[:limit]


def normal_form(text: str, limit: int) -> str | None:
    """Return a text in NFC; None if it has more than `limit` characters in that form.

    A text that is too long for any form is not normalised.
    """
    if not fits(text, _JOINED * limit):
        return None
    normal = unicodedata.normalize("NFC", text)
    return normal if fits(normal, limit) else None
