"""The rules for display names."""

from typing import Final

from streamlit_persistauth.core.text.characters import is_visible_or_format
from streamlit_persistauth.core.text.measure import normal_form
from streamlit_persistauth.errors import InvalidName
from streamlit_persistauth.text import Text

MAX_LENGTH: Final = 200
"""The maximum length in characters."""


def clean_name(text: str) -> str:
    """Return a name in NFC without surrounding whitespace.

    Raises:
        InvalidName: The name is too long, or has control or unassigned characters.
    """
    normal = normal_form(text, MAX_LENGTH)
    if normal is None:
        raise InvalidName(Text("The name can be at most {n} characters long.", n=MAX_LENGTH))
    name = normal.strip()
    if not all(map(is_visible_or_format, name)):
        raise InvalidName("The name contains characters that aren't allowed.")
    return name
