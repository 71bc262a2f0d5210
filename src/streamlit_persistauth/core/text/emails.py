"""The canonical form of email addresses."""

from typing import TYPE_CHECKING, Final

from streamlit_persistauth.core.text.look_alikes import look_alike_key
from streamlit_persistauth.core.text.measure import fits
from streamlit_persistauth.errors import InvalidEmail

if TYPE_CHECKING:
    from email_validator import ValidatedEmail

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
        return validate(text.strip()).normalized.lower()
    except ValueError:
        raise InvalidEmail("Please enter a valid email address.") from None


def validate(text: str) -> "ValidatedEmail":
    """Return the parts of an address, without a look-up of its domain.

    Raises:
        ValueError: The text is not an email address.
    """
    from email_validator import validate_email  # its tables are loaded with the first address

    return validate_email(text, check_deliverability=False, allow_smtputf8=True)


def email_key(email: str) -> str:
    """Return a key that is equal for canonical addresses that look alike."""
    return look_alike_key(email)
