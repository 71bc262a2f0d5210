"""The canonical form of email addresses, and addresses that look alike."""

import unicodedata
from typing import Final

from email_validator import EmailNotValidError, validate_email

from streamlit_persistauth.core.secrets import fingerprint
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
    """Return a key that is equal for canonical addresses that look alike.

    Two different ASCII addresses have different keys, although `l` and `1` look similar: both may
    be in use. A character beyond ASCII is replaced by the ASCII letter it is confusable with
    (UTS #39 4). The key is hashed, so it has a fixed length and no collation affects it.
    """
    folded = unicodedata.normalize("NFKC", email).casefold()
    if not folded.isascii():
        folded = "".join(map(_skeleton, folded))
    return fingerprint(folded)


def _skeleton(character: str) -> str:
    """Return the ASCII letter that a character is confusable with, or the character itself."""
    if character.isascii():
        return character
    from confusable_homoglyphs import confusables  # here: large tables that few addresses need

    matches = confusables.is_confusable(character, greedy=True)
    twins = [twin["c"] for twin in matches[0]["homoglyphs"]] if matches else []
    return next((twin.lower() for twin in twins if len(twin) == 1 and twin.isascii()), character)
