"""Sign and verify the JWT a browser keeps; the key ring."""

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Final

import jwt

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.errors import InvalidToken

ALGORITHM: Final = "HS256"
TYPE: Final = "persistauth+jwt"
"""Explicit typing keeps tokens of other makers with the same key apart (RFC 8725 3.11)."""
ISSUER: Final = "streamlit-persistauth"
MAX_LENGTH: Final = 2048
"""Characters. Ours have about 400; a cookie may have 4096 bytes in all."""

_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_CLAIMS: Final = ("iss", "aud", "sub", "sid", "jti", "iat", "exp")
_LEEWAY_SECONDS: Final = 60
"""How far the clock of another replica may be ahead for `iat`."""
_LAST_SECOND: Final = 253_402_300_799
"""9999-12-31, the last day a datetime can hold."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a verified token says (RFC 7519 4.1; `sid`: OpenID Connect Front-Channel Logout 3).

    Attributes:
        subject: `sub`, the id of the user.
        session_id: `sid`, the sign-in.
        token_id: `jti`, the secret by which the store knows this credential.
        issued_at: `iat`, in UTC.
        expires_at: `exp`, in UTC.
        email: `email`, where a setting asks for it. For other services; it is never read here.
    """

    subject: str
    session_id: str
    token_id: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    email: str | None = None


class KeyRing:
    """The key that signs and the ones that still verify, found by `kid`."""

    def __init__(self, current: str, previous: Sequence[str] = ()) -> None:
        """Keep the keys by their ids.

        Args:
            current: Signs, and verifies.
            previous: Only verify.
        """
        self.current_id = key_id(current)
        self._keys = {key_id(key): key.encode() for key in (*previous, current)}

    def __repr__(self) -> str:
        """Show ids, never keys."""
        return f"KeyRing({', '.join(sorted(self._keys))})"

    def get(self, kid: str) -> bytes | None:
        """Return the key of this id, or None."""
        return self._keys.get(kid)


class TokenSigner:
    """Signs credentials and verifies that a text is one of them, in its one spelling."""

    def __init__(self, keys: KeyRing, *, audience: str, clock: Clock) -> None:
        """Prepare for one app.

        Args:
            keys: The key ring.
            audience: `aud`: the app whose sign-ins these are.
            clock: Where the time comes from.
        """
        self._keys = keys
        self._audience = audience
        self._clock = clock

    def sign(self, claims: Claims) -> str:
        """Return the compact serialisation of these claims."""
        payload = {
            "iss": ISSUER,
            "aud": self._audience,
            "sub": claims.subject,
            "sid": claims.session_id,
            "jti": claims.token_id,
            "iat": int(claims.issued_at.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
        }
        if claims.email is not None:
            payload["email"] = claims.email
        kid = self._keys.current_id
        key = self._keys.get(kid)
        return jwt.encode(payload, key or b"", ALGORITHM, headers={"typ": TYPE, "kid": kid})

    def verify(self, text: str) -> Claims:
        """Return what a token says, if it is one that we signed and that has not expired.

        The order is cheapest refusal first: length, characters, header, signature, claims
        (RFC 8725 3). The algorithm is a constant and no key comes from the token.

        Raises:
            InvalidToken: It is not; `reason` says why.
        """
        if len(text) > MAX_LENGTH:
            raise InvalidToken("too long")
        if not _COMPACT.fullmatch(text):
            raise InvalidToken("malformed")
        header, payload, signature = text.split(".")
        key = self._key_for(_decode_object(header))
        _decode_segment(signature)
        try:
            jwt.decode(
                text,
                key,
                [ALGORITHM],
                audience=self._audience,
                issuer=ISSUER,
                options={"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False},
            )
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise InvalidToken("signature or claims") from None
        return self._read_claims(_decode_object(payload))

    def _key_for(self, header: dict[str, Any]) -> bytes:
        """Return the key a header names, if the header is exactly one of ours."""
        if set(header) != {"alg", "typ", "kid"} or header["typ"] != TYPE:
            raise InvalidToken("header")
        if header["alg"] != ALGORITHM or not isinstance(header["kid"], str):
            raise InvalidToken("header")
        key = self._keys.get(header["kid"])
        if key is None:
            raise InvalidToken("unknown key")
        return key

    def _read_claims(self, payload: dict[str, Any]) -> Claims:
        """Return the claims, if they are of the right types and of this time."""
        texts = [payload[name] for name in ("iss", "aud", "sub", "sid", "jti")]
        times = [payload[name] for name in ("iat", "exp")]
        if not all(isinstance(value, str) and value for value in texts):
            raise InvalidToken("claim type")
        if not all(type(value) is int and 0 <= value <= _LAST_SECOND for value in times):
            raise InvalidToken("claim type")
        now = self._clock().timestamp()
        if payload["iat"] > now + _LEEWAY_SECONDS:
            raise InvalidToken("issued in the future")
        if payload["exp"] <= now:
            raise InvalidToken("expired")
        return Claims(
            subject=payload["sub"],
            session_id=payload["sid"],
            token_id=payload["jti"],
            issued_at=_from_timestamp(payload["iat"]),
            expires_at=_from_timestamp(payload["exp"]),
        )


def key_id(key: str) -> str:
    """Return the `kid` of a key: the first 64 bits of its SHA-256, as hexadecimal digits."""
    return hashlib.sha256(b"kid:" + key.encode()).hexdigest()[:16]


def _from_timestamp(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)


def _decode_segment(segment: str) -> bytes:
    """Return the bytes of a segment, if it is their one spelling in base64url (RFC 7515 2)."""
    try:
        data = base64.b64decode(segment + "=" * (-len(segment) % 4), b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise InvalidToken("encoding") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != segment:
        raise InvalidToken("encoding")
    return data


def _decode_object(segment: str) -> dict[str, Any]:
    """Return the JSON object of a segment, if it is UTF-8 and names no member twice."""
    try:
        value = json.loads(_decode_segment(segment).decode(), object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        raise InvalidToken("encoding") from None
    if not isinstance(value, dict):
        raise InvalidToken("encoding")
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a JSON object that names a member twice (RFC 7519 4)."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members
