"""Parse a compact JWS (RFC 7515 7.1) strictly: one encoding and one algorithm."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from streamlit_persistauth.errors import InvalidToken

if TYPE_CHECKING:
    from jwt.algorithms import HMACAlgorithm

ALGORITHM: Final = "HS256"
MAX_LENGTH: Final = 2048
"""The maximum length in characters. A credential has about 400; a cookie up to 4096 bytes."""

_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Jws:
    """A parsed JWS with an unverified signature.

    Attributes:
        header: The header, a JSON object.
        payload: The bytes of the payload.
        signed: The signing input (RFC 7515 5.1).
        signature: The signature.
    """

    header: Mapping[str, Any]
    payload: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def verify(self, key: bytes) -> None:
        """Verify the signature with a constant algorithm; the header cannot choose another one.

        Raises:
            InvalidToken: The signature is wrong, or the header has an unsupported extension.
        """
        if self.header.get("alg") != ALGORITHM or "crit" in self.header:
            raise InvalidToken("signature")
        if not _hmac().verify(self.signed, key, self.signature):
            raise InvalidToken("signature")


def parse(text: str) -> Jws:
    """Parse a text in the canonical encoding of a compact JWS.

    The checks run from cheap to expensive: length, characters, encoding (RFC 8725 3).

    Raises:
        InvalidToken: The text is not such a JWS; `reason` gives the cause.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidToken("too long")
    if not _COMPACT.fullmatch(text):
        raise InvalidToken("malformed")
    header, payload, signature = map(_decode_segment, text.split("."))
    return Jws(parse_object(header), payload, text.rpartition(".")[0].encode(), signature)


def parse_object(data: bytes) -> dict[str, Any]:
    """Parse a JSON object in UTF-8 with unique member names.

    Raises:
        InvalidToken: The bytes are something else.
    """
    try:
        value = _JSON.decode(data.decode())
    except (ValueError, RecursionError):
        raise InvalidToken("encoding") from None
    if not isinstance(value, dict):
        raise InvalidToken("encoding")
    return value


@cache
def _hmac() -> "HMACAlgorithm":
    """Return PyJWT's algorithm. PyJWT loads all of cryptography, so it waits for a credential."""
    from jwt.algorithms import HMACAlgorithm

    return HMACAlgorithm(HMACAlgorithm.SHA256)


def _decode_segment(segment: str) -> bytes:
    """Decode a segment in canonical base64url (RFC 7515 2)."""
    try:
        data = base64.urlsafe_b64decode(segment + "==")  # the most that can be missing
    except (binascii.Error, ValueError):
        raise InvalidToken("encoding") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != segment:
        raise InvalidToken("encoding")
    return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return a JSON object; raise `ValueError` for a duplicate member name (RFC 7519 4)."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


_JSON: Final = json.JSONDecoder(object_pairs_hook=_unique)
