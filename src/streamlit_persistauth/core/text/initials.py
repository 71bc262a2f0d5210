"""The initials of a name in any script."""

import unicodedata
from itertools import takewhile
from typing import Final

from streamlit_persistauth.core.text.measure import MAX_DETAIL, shorten

_MAX_MARKS: Final = 2
"""Combining marks kept on one letter; more would leave the circle around the initials."""


def initials(full_name: str, account: str) -> str:
    """Return one or two letters of a name, or one of the account's if it has none.

    Emoji, punctuation and direction marks are skipped. A wide letter, such as a Chinese one, is
    returned alone.
    """
    letters = [
        letter for word in shorten(full_name, MAX_DETAIL).split() if (letter := _first_letter(word))
    ]
    if not letters:
        return _first_letter(shorten(account, MAX_DETAIL))
    first, last = letters[0], letters[-1]
    return first if len(letters) == 1 or _is_wide(first) else first + last


def _first_letter(word: str) -> str:
    """Return the first letter or digit of a word in upper case, with its combining marks."""
    for index, character in enumerate(word):
        if unicodedata.category(character)[0] in "LN":
            capital = character.upper()
            marks = takewhile(_is_mark, word[index + 1 : index + 1 + _MAX_MARKS])
            return (capital if len(capital) == 1 else character) + "".join(marks)
    return ""


def _is_mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter[0]) in "WF"
