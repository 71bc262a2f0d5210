"""The initials of a name, whatever language it is in."""

import unicodedata
from itertools import takewhile
from typing import Final

from streamlit_persistauth.core.text.measure import MAX_DETAIL, shorten

_MARKS: Final = 2
"""Signs that may stand on one letter; stacked ones would leave the circle around it."""


def initials(full_name: str, email: str) -> str:
    """Return one letter or two for a name, or one for the address where the name has none.

    Emoji, punctuation and marks of direction are no letters. A letter as wide as a Chinese one
    stands alone.
    """
    letters = [
        letter for word in shorten(full_name, MAX_DETAIL).split() if (letter := _first_letter(word))
    ]
    if not letters:
        return _first_letter(shorten(email, MAX_DETAIL))
    first, last = letters[0], letters[-1]
    return first if len(letters) == 1 or _is_wide(first) else first + last


def _first_letter(word: str) -> str:
    """Return the first letter or digit of a word, as a capital, with the signs on it."""
    for place, character in enumerate(word):
        if unicodedata.category(character)[0] in "LN":
            capital = character.upper()
            signs = takewhile(_is_mark, word[place + 1 : place + 1 + _MARKS])
            return (capital if len(capital) == 1 else character) + "".join(signs)
    return ""


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter[0]) in "WF"
