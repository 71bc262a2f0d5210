"""The one canonical form of an email address, and which addresses look alike."""

import unicodedata
from typing import Final

from email_validator import EmailNotValidError, validate_email

from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.text.measure import fits
from streamlit_persistauth.errors import InvalidEmail

MAX_LENGTH: Final = 254
"""Octets of an address (RFC 5321 4.5.3.1.3)."""


def canonical_email(text: str) -> str:
    """Return the canonical form of an address: valid, NFC, in lower case.

    Raises:
        InvalidEmail: It is not an address; the message asks for one.
    """
    if not fits(text, MAX_LENGTH):
        raise InvalidEmail("Please enter a valid email address.")
    try:
        valid = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError:
        raise InvalidEmail("Please enter a valid email address.") from None
    return valid.normalized.lower()


def email_key(email: str) -> str:
    """Return a key that is the same for canonical addresses that look alike.

    Two plain ASCII addresses never do, though `l` and `1` resemble each other: both may be
    people. A character beyond ASCII counts as the ASCII letter it is confusable with (UTS #39 4).
    Hashed, so that it has one length and no database can fold it further.
    """
    folded = unicodedata.normalize("NFKC", email).casefold()
    if not folded.isascii():
        folded = "".join(map(_prototype, folded))
    return fingerprint(folded)


def _prototype(character: str) -> str:
    """Return the ASCII letter a character can be taken for, or the character."""
    if character.isascii():
        return character
    from confusable_homoglyphs import confusables  # here: large tables that few addresses need

    found = confusables.is_confusable(character, greedy=True)
    twins = [twin["c"] for twin in found[0]["homoglyphs"]] if found else []
    return next((twin.lower() for twin in twins if len(twin) == 1 and twin.isascii()), character)
