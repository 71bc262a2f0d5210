"""The canonical form of usernames."""

import re
import unicodedata
from typing import Final

from streamlit_persistauth.core.text.look_alikes import look_alike_key
from streamlit_persistauth.core.text.measure import MAX_WORD, fits
from streamlit_persistauth.errors import InvalidUsername
from streamlit_persistauth.text import Text

MAX_LENGTH: Final = MAX_WORD
"""The maximum length in characters."""
_SIGNS: Final = frozenset("._-+")
_LETTERS_AND_DIGITS: Final = frozenset({"Ll", "Lu", "Lt", "Lm", "Lo", "Nd"})
_MARKS: Final = frozenset({"Mn", "Mc"})
"""Marks that belong to a letter, as the vowels of Hindi do."""
_BLANK: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0\U00016fe4"
    + "".join(map(chr, [*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)]))
)
"""Letters and marks without a glyph (Default_Ignorable_Code_Point)."""
_ID: Final = re.compile("[0-9a-f]{32}")
"""What `core.secrets.new_id` returns."""


def canonical_username(text: str) -> str:
    """Return the canonical form of a username: in NFKC and lower case.

    A username has letters and digits of any script, and the signs `. _ - +`. It has no `@`, so no
    username equals an email address.

    Raises:
        InvalidUsername: The text is not a username.
    """
    name = _folded(text.strip()) if fits(text, 4 * MAX_LENGTH) else text
    if not fits(name, MAX_LENGTH):
        raise InvalidUsername(
            Text("The username can be at most {n} characters long.", n=MAX_LENGTH)
        )
    categories = set(map(unicodedata.category, name))
    if not categories & _LETTERS_AND_DIGITS or not all(map(_is_allowed, name)):
        raise InvalidUsername(
            "A username consists of letters, digits and the characters . _ - + without spaces."
        )
    return name


def clean_username(text: str) -> str:
    """Return the canonical form of a username that an account is to get.

    It must not have the form of an id, hexadecimal or with the hyphens of a UUID. Otherwise it
    could equal the id of a deleted account, and that id would find the wrong account.

    Raises:
        InvalidUsername: The text is not a username, or has the form of an id.
    """
    name = canonical_username(text)
    if _ID.fullmatch(name.replace("-", "")):
        raise InvalidUsername("This username looks like an id. Please choose another one.")
    return name


def username_key(username: str) -> str:
    """Return a key that is equal for canonical usernames that look alike."""
    return look_alike_key(username)


def _folded(text: str) -> str:
    """Return a text in NFKC and lower case. Lower case can change the form: hence twice."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).lower())


def _is_allowed(character: str) -> bool:
    category = unicodedata.category(character)
    is_word = category in _LETTERS_AND_DIGITS or category in _MARKS
    return character in _SIGNS or (is_word and character not in _BLANK)
