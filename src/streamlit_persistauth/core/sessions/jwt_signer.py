"""Sign and verify the JWT a browser keeps; the key ring."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any, Final

import jwt

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.sessions import jws
from streamlit_persistauth.errors import InvalidToken

TYPE: Final = "persistauth+jwt"
"""Explicit typing keeps tokens of other makers with the same key apart (RFC 8725 3.11)."""
ISSUER: Final = "streamlit-persistauth"

_KEY_ID: Final = re.compile("[0-9a-f]{16}")
_CLAIMS: Final = {"iss", "aud", "sub", "sid", "jti", "iat", "exp"}
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
        self.current_key = current.encode()
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
        headers = {"typ": TYPE, "kid": self._keys.current_id}
        return jwt.encode(payload, self._keys.current_key, jws.ALGORITHM, headers=headers)

    def verify(self, text: str) -> Claims:
        """Return what a token says, if it is one that we signed and that has not expired.

        No key and no algorithm comes from the token (RFC 8725 3).

        Raises:
            InvalidToken: It is not; `reason` says why.
        """
        token = jws.parse(text)
        token.verify(self._key_for(token.header))
        return self._read_claims(jws.parse_object(token.payload))

    def _key_for(self, header: Mapping[str, Any]) -> bytes:
        """Return the key a header names, if the header is exactly one of ours."""
        if set(header) != {"alg", "typ", "kid"} or header["typ"] != TYPE:
            raise InvalidToken("header")
        if header["alg"] != jws.ALGORITHM or not isinstance(header["kid"], str):
            raise InvalidToken("header")
        key = self._keys.get(header["kid"])
        if key is None:
            # With the id of no key at all it is a forgery, not the credential of another app.
            raise InvalidToken("unknown key", foreign=bool(_KEY_ID.fullmatch(header["kid"])))
        return key

    def _read_claims(self, payload: dict[str, Any]) -> Claims:
        """Return the claims, if they are of the right types and of this time."""
        if payload.keys() - {"email"} != _CLAIMS:
            raise InvalidToken("claims")
        if (payload["iss"], payload["aud"]) != (ISSUER, self._audience):
            raise InvalidToken("issuer or audience", foreign=_is_neighbour(payload))
        texts = [payload[name] for name in ("sub", "sid", "jti")]
        times = [payload[name] for name in ("iat", "exp")]
        if not all(isinstance(value, str) and value for value in texts):
            raise InvalidToken("claims")
        if not all(type(value) is int and 0 <= value <= _LAST_SECOND for value in times):
            raise InvalidToken("claims")
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


def _is_neighbour(payload: Mapping[str, Any]) -> bool:
    """Return whether signed claims are those of another app with the same key."""
    audience = payload["aud"]
    return payload["iss"] == ISSUER and isinstance(audience, str) and bool(audience)


def _from_timestamp(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
