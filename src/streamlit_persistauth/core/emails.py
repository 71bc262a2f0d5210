"""The one canonical form of an email address."""

from typing import Final

from email_validator import EmailNotValidError, validate_email

from streamlit_persistauth.errors import InvalidEmail

MAX_LENGTH: Final = 254
"""Octets of an address (RFC 5321 4.5.3.1.3)."""


def canonical_email(text: str) -> str:
    """Return the canonical form of an address: valid, NFC, in lower case.

    Raises:
        InvalidEmail: It is not an address; the message asks for one.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidEmail("Please enter a valid email address.")
    try:
        valid = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError:
        raise InvalidEmail("Please enter a valid email address.") from None
    return valid.normalized.lower()
