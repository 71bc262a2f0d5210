"""What a role may be called."""

import unicodedata
from collections.abc import Iterable
from typing import Final

from streamlit_persistauth.core.text import Text
from streamlit_persistauth.errors import InvalidRole

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
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise InvalidRole(Text("A role needs a name."))
    if len(name) > MAX_LENGTH:
        raise InvalidRole(Text("A role may have at most {n} characters.", n=MAX_LENGTH))
    if "," in name:
        raise InvalidRole(Text("A role may have no comma."))
    if any(unicodedata.category(character) in _UNSHOWABLE for character in name):
        raise InvalidRole(Text("A role has characters that cannot be shown."))
    return name
