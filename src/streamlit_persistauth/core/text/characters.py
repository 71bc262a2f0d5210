"""Which characters a reader can see, and what to show in place of the others."""

import re
import unicodedata
from typing import Final

_FORMAT: Final = "Cf"
_INVISIBLE: Final = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp", _FORMAT}
"""Control, surrogate, private-use, unassigned, line and paragraph separator, and format."""
_JOINERS_AND_MARKS: Final = frozenset("\u200c\u200d\u200e\u200f\u061c")
"""Format characters that the spelling of Persian, Hindi, Hebrew or an emoji needs."""
_REPLACEMENT: Final = "\ufffd"


def is_visible(character: str) -> bool:
    """Return whether a character has a glyph or is a space."""
    return unicodedata.category(character) not in _INVISIBLE


def is_visible_or_format(character: str) -> bool:
    """Return whether a character is visible or a format character, as a name may contain."""
    return is_visible(character) or unicodedata.category(character) == _FORMAT


def escape_invisible(text: str) -> str:
    r"""Return a text with Python's escape in place of each invisible character, such as `\x1b`."""
    return "".join(c if is_visible(c) else ascii(c)[1:-1] for c in text)


def replace_invisible(text: str) -> str:
    """Return a text with one U+FFFD in place of each run of invisible characters.

    Joiners and direction marks remain. Characters that override the direction do not.
    """
    shown = (c if c in _JOINERS_AND_MARKS or is_visible(c) else _REPLACEMENT for c in text)
    return re.sub(f"{_REPLACEMENT}+", _REPLACEMENT, "".join(shown))
