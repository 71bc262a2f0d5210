"""Random values and their fingerprints."""

import hashlib
import secrets

from streamlit_persistauth.core.text.measure import MAX_WORD, fits


def new_id() -> str:
    """Return a new id: 128 random bits as 32 hexadecimal digits (ASVS 7.2.3)."""
    return secrets.token_hex(16)


def new_secret() -> str:
    """Return a new secret: 256 random bits in base64url."""
    return secrets.token_urlsafe(32)


def fingerprint_of_token(text: str) -> str | None:
    """Return the fingerprint of a presented token, or None if it is longer than any token."""
    return fingerprint(text) if fits(text, MAX_WORD) else None


def fingerprint(secret: str) -> str:
    """Return the SHA-256 of a secret as 64 hexadecimal digits.

    A salt and a work factor are unnecessary, because the secrets have 256 random bits.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
