"""The sender of mails: an email address, with or without a display name."""

import re
from typing import TYPE_CHECKING, Final

from streamlit_persistauth.core.text.characters import is_visible
from streamlit_persistauth.core.text.measure import fits

if TYPE_CHECKING:
    from email.headerregistry import Address

MAX_LENGTH: Final = 500
"""The maximum length in characters."""
_ADDRESS: Final = r"[^\s@<>]+@[^\s@<>]+"
_SENDER: Final = re.compile(
    rf"""(?:"(?P<quoted>[^"<>\\]*)"|(?P<plain>[^"<>\\]*?))\s*<(?P<address>{_ADDRESS})>"""
    rf"""|(?P<bare>{_ADDRESS})"""
)


def parse_sender(text: str) -> "Address":
    r"""Return a sender such as `ada@example.org` or `"Acme Ltd" <no-reply@acme.org>`.

    The quotes are optional. The header that the address is set in encodes a name beyond ASCII.

    Raises:
        ValueError: The text is not one sender in one line.
    """
    from email.headerregistry import Address

    found = _SENDER.fullmatch(text.strip()) if fits(text, MAX_LENGTH) else None
    if found is None or not all(map(is_visible, text)):
        raise ValueError("not a sender")
    name = found["quoted"] or found["plain"] or ""
    local, _, domain = (found["bare"] or found["address"]).partition("@")
    return Address(name.strip(), local, domain)
