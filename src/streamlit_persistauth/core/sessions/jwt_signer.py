"""Sign and verify the JWT that a browser keeps, with a ring of keys."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from datetime import datetime, timezone
from typing import Any, Final

from streamlit_persistauth.core.clock import DOUBT, LEEWAY, Clock
from streamlit_persistauth.core.sessions import jws
from streamlit_persistauth.errors import InvalidToken

TYPE: Final = "persistauth+jwt"
"""Explicit typing distinguishes other tokens with the same key (RFC 8725 3.11)."""
ISSUER: Final = "streamlit-persistauth"

_KEY_ID: Final = re.compile("[0-9a-f]{16}")
_CLAIMS: Final = {"iss", "aud", "sub", "sid", "jti", "iat", "exp"}
_LAST_SECOND: Final = 253_402_300_799
"""9999-12-31T23:59:59Z, the maximum of `datetime`."""


@dataclass(frozen=True, slots=True)
class Claims:
    """The claims of a token (RFC 7519 4.1; `sid`: OpenID Connect Front-Channel Logout 3).

    Attributes:
        subject: `sub`, the id of the user.
        session_id: `sid`, the id of the session.
        token_id: `jti`, the secret whose hash the store has.
        issued_at: `iat`, in UTC.
        expires_at: `exp`, in UTC.
        email: `email`, if a setting enables it. It is for other services and never read here.
    """

    subject: str
    session_id: str
    token_id: str = field(repr=False)
    issued_at: datetime
    expires_at: datetime
    email: str | None = None


class KeyRing:
    """The current key, which signs, and previous keys, which only verify; found by `kid`."""

    def __init__(self, current: str, previous: Sequence[str] = ()) -> None:
        self.current_id = key_id(current)
        self.current_key = current.encode()
        self._keys = {key_id(key): key.encode() for key in (*previous, current)}

    def __repr__(self) -> str:
        """Return the ids of the keys, without the keys."""
        return f"KeyRing({', '.join(sorted(self._keys))})"

    def get(self, kid: str) -> bytes | None:
        """Return the key with this id, or None."""
        return self._keys.get(kid)


@dataclass(frozen=True, eq=False, repr=False)
class TokenSigner:
    """Signs and verifies the credentials of one app, which `audience` names."""

    keys: KeyRing
    _: KW_ONLY
    audience: str
    clock: Clock

    def sign(self, claims: Claims) -> str:
        """Return the compact serialisation of these claims."""
        import jwt

        payload = {
            "iss": ISSUER,
            "aud": self.audience,
            "sub": claims.subject,
            "sid": claims.session_id,
            "jti": claims.token_id,
            "iat": int(claims.issued_at.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
        }
        if claims.email is not None:
            payload["email"] = claims.email
        headers = {"typ": TYPE, "kid": self.keys.current_id}
        return jwt.encode(payload, self.keys.current_key, jws.ALGORITHM, headers=headers)

    def verify(self, text: str) -> Claims:
        """Return the claims of a token after verifying its signature, claims and expiry.

        Neither the key nor the algorithm is taken from the token (RFC 8725 3).

        Raises:
            InvalidToken: The token is not valid; `reason` gives the cause.
        """
        token = jws.parse(text)
        token.verify(self._key_for(token.header))
        return self._read_claims(jws.parse_object(token.payload))

    def _key_for(self, header: Mapping[str, Any]) -> bytes:
        """Return the key that a header names, after checking every member of the header."""
        if set(header) != {"alg", "typ", "kid"} or header["typ"] != TYPE:
            raise InvalidToken("header")
        if header["alg"] != jws.ALGORITHM or not isinstance(header["kid"], str):
            raise InvalidToken("header")
        key = self.keys.get(header["kid"])
        if key is None:
            # Without a well-formed id it is a forgery, not the credential of another app.
            raise InvalidToken("unknown key", foreign=bool(_KEY_ID.fullmatch(header["kid"])))
        return key

    def _read_claims(self, payload: dict[str, Any]) -> Claims:
        """Return the claims after checking their names, types and times."""
        if payload.keys() - {"email"} != _CLAIMS:
            raise InvalidToken("claims")
        if (payload["iss"], payload["aud"]) != (ISSUER, self.audience):
            raise InvalidToken("issuer or audience", foreign=_is_of_another_app(payload))
        texts = [payload[name] for name in ("sub", "sid", "jti")]
        times = [payload[name] for name in ("iat", "exp")]
        if not all(isinstance(value, str) and value for value in texts):
            raise InvalidToken("claims")
        if not all(type(value) is int and 0 <= value <= _LAST_SECOND for value in times):
            raise InvalidToken("claims")
        now = self.clock().timestamp()
        if payload["iat"] > now + LEEWAY.total_seconds():
            raise InvalidToken("issued in the future", by_clock=True)
        if payload["exp"] <= now:
            by_clock = payload["exp"] > now - DOUBT.total_seconds()
            raise InvalidToken("expired", by_clock=by_clock)
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


def _is_of_another_app(payload: Mapping[str, Any]) -> bool:
    """Return whether signed claims belong to another app with the same key."""
    audience = payload["aud"]
    return payload["iss"] == ISSUER and isinstance(audience, str) and bool(audience)


def _from_timestamp(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, timezone.utc)
