"""What a full name may be."""

import unicodedata
from typing import Final

from streamlit_persistauth.core.text.measure import normal_form
from streamlit_persistauth.errors import InvalidName
from streamlit_persistauth.text import Text

MAX_LENGTH: Final = 200
"""Characters of a full name."""
_UNSHOWABLE: Final = {"Cc", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean_name(text: str) -> str:
    """Return a name in NFC, without surrounding space.

    Raises:
        InvalidName: It is too long, or has control or unassigned characters.
    """
    normal = normal_form(text, MAX_LENGTH)
    if normal is None:
        raise InvalidName(Text("The name can be at most {n} characters long.", n=MAX_LENGTH))
    name = normal.strip()
    if any(unicodedata.category(character) in _UNSHOWABLE for character in name):
        raise InvalidName("The name contains characters that aren't allowed.")
    return name
