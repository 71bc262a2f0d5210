"""Base64url as a JWT spells it."""

from base64 import urlsafe_b64decode, urlsafe_b64encode


def base64url(data: bytes) -> str:
    """Encode without padding."""
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def segments(token: str) -> list[bytes]:
    """Decode header, payload and signature of a JWT."""
    return [urlsafe_b64decode(part + "=" * (-len(part) % 4)) for part in token.split(".")]
