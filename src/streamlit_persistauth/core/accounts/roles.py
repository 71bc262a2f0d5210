"""What a role may be called."""

import unicodedata
from collections.abc import Iterable
from typing import Final

from streamlit_persistauth.core.text.measure import normal_form
from streamlit_persistauth.errors import InvalidRole
from streamlit_persistauth.text import Text

ADMIN: Final = "admin"
"""The role of those who administer accounts."""
MAX_LENGTH: Final = 50
"""Characters of a role's name."""
_UNSHOWABLE: Final = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean_roles(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names of roles in NFC, without surrounding space, each once, sorted.

    Raises:
        InvalidRole: One is empty, too long, or has a comma or a character that can't be seen.
    """
    return tuple(sorted({_clean(name) for name in names}))


def _clean(text: str) -> str:
    normal = normal_form(text, MAX_LENGTH)
    if normal is None:
        raise InvalidRole(Text("A role can be at most {n} characters long.", n=MAX_LENGTH))
    name = normal.strip()
    if not name:
        raise InvalidRole(Text("Please enter a name for the role."))
    if "," in name:
        raise InvalidRole(Text("A role can't contain a comma."))
    if any(unicodedata.category(character) in _UNSHOWABLE for character in name):
        raise InvalidRole(Text("The role contains characters that aren't allowed."))
    return name
