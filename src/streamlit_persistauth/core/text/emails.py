"""The canonical form of email addresses."""

from typing import Final

from email_validator import EmailNotValidError, validate_email

from streamlit_persistauth.core.text.look_alikes import look_alike_key
from streamlit_persistauth.core.text.measure import fits
from streamlit_persistauth.errors import InvalidEmail

MAX_LENGTH: Final = 254
"""The maximum length of an address in octets (RFC 5321 4.5.3.1.3)."""


def canonical_email(text: str) -> str:
    """Return the canonical form of an address: valid, in NFC and lower case.

    Raises:
        InvalidEmail: The text is not an email address.
    """
    if not fits(text, MAX_LENGTH):
        raise InvalidEmail("Please enter a valid email address.")
    try:
        valid = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError:
        raise InvalidEmail("Please enter a valid email address.") from None
    return valid.normalized.lower()


def email_key(email: str) -> str:
    """Return a key that is equal for canonical addresses that look alike."""
    return look_alike_key(email)
