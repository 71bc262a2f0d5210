"""Random values and their fingerprints."""

import hashlib
import secrets


def new_id() -> str:
    """Return a new id: 128 random bits as 32 hexadecimal digits (ASVS 7.2.3)."""
    return secrets.token_hex(16)


def new_secret() -> str:
    """Return a new secret: 256 random bits, base64url."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """Return the SHA-256 of a secret as 64 hexadecimal digits.

    No salt and no work factor: the secrets are random, so there is nothing to guess.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()
