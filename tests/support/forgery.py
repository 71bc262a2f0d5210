"""Tokens made by hand, good ones and bad ones."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from tests.support.clock import START

from streamlit_persistauth.core.sessions.jwt_signer import ISSUER, TYPE, key_id

KEY = "OIlAxtsNc9UeTGOXWXOXw5HL8PN_oLBqv4P8tW3NJCx2D_F4iX0CurR1oM-05IiN"
AUDIENCE = "persistauth"
HEADER: Mapping[str, object] = {"alg": "HS256", "typ": TYPE, "kid": key_id(KEY)}
CLAIMS: Mapping[str, object] = {
    "iss": ISSUER,
    "aud": AUDIENCE,
    "sub": "a-user",
    "sid": "a-session",
    "jti": "a-token",
    "iat": int(START.timestamp()),
    "exp": int(START.timestamp()) + 3600,
}


def encode(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def to_json(members: Mapping[str, object]) -> bytes:
    """Return a JSON object."""
    return json.dumps(members, separators=(",", ":")).encode()


def forge(
    header: Mapping[str, object] | bytes = HEADER,
    payload: Mapping[str, object] | bytes = CLAIMS,
    *,
    key: str = KEY,
    hash_name: str = "sha256",
) -> str:
    """Return a token with a genuine HMAC over whatever header and payload are given."""
    parts = [part if isinstance(part, bytes) else to_json(part) for part in (header, payload)]
    signed = ".".join(map(encode, parts))
    signature = hmac.new(key.encode(), signed.encode(), getattr(hashlib, hash_name)).digest()
    return f"{signed}.{encode(signature)}"


def without(members: Mapping[str, object], name: str) -> dict[str, object]:
    """Return the members except one."""
    return {key: value for key, value in members.items() if key != name}
