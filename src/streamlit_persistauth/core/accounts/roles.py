"""The rules for the names of roles."""

from collections.abc import Collection, Iterable
from typing import Final

from streamlit_persistauth.core.text.characters import is_visible
from streamlit_persistauth.core.text.measure import normal_form
from streamlit_persistauth.errors import InvalidRole
from streamlit_persistauth.models import User
from streamlit_persistauth.text import Text

ADMIN: Final = "admin"
"""The role of administrators."""
MAX_LENGTH: Final = 50
"""The maximum length of a role's name in characters."""


def clean_roles(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names in NFC without surrounding whitespace, sorted and without duplicates.

    Raises:
        InvalidRole: A name is empty or too long, or has a comma or an invisible character.
    """
    return tuple(sorted({_clean(name) for name in names}))


def has_any(user: User, roles: Collection[str] | None) -> bool:
    """Return whether a user has one of these roles. None matches every user, an empty list none."""
    return roles is None or bool(set(roles) & set(user.roles))


def _clean(text: str) -> str:
    normal = normal_form(text, MAX_LENGTH)
    if normal is None:
        raise InvalidRole(Text("A role can be at most {n} characters long.", n=MAX_LENGTH))
    name = normal.strip()
    if not name:
        raise InvalidRole("Please enter a name for the role.")
    if "," in name:
        raise InvalidRole("A role can't contain a comma.")
    if not all(map(is_visible, name)):
        raise InvalidRole("The role contains characters that aren't allowed.")
    return name
