"""The compact serialisation of a JWS (RFC 7515 7.1), in one spelling and with one algorithm."""

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from jwt.algorithms import HMACAlgorithm

from streamlit_persistauth.errors import InvalidToken

ALGORITHM: Final = "HS256"
MAX_LENGTH: Final = 2048
"""Characters. Ours have about 400; a cookie may have 4096 bytes in all."""

_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HMAC: Final = HMACAlgorithm(HMACAlgorithm.SHA256)


@dataclass(frozen=True, slots=True)
class Jws:
    """A text of the right shape, whose signature nobody has checked yet.

    Attributes:
        header: Its header, a JSON object.
        payload: The bytes that are signed with the header.
        signed: What the signature is of (RFC 7515 5.1).
        signature: The signature.
    """

    header: Mapping[str, Any]
    payload: bytes = field(repr=False)
    signed: bytes = field(repr=False)
    signature: bytes = field(repr=False)

    def verify(self, key: bytes) -> None:
        """Check the signature; the algorithm is a constant and never the header's choice.

        Raises:
            InvalidToken: It is not of this key, or the header asks for more than we know.
        """
        if self.header.get("alg") != ALGORITHM or "crit" in self.header:
            raise InvalidToken("signature")
        if not _HMAC.verify(self.signed, key, self.signature):
            raise InvalidToken("signature")


def parse(text: str) -> Jws:
    """Return the parts of a text, if it is the one spelling of a compact JWS.

    Cheapest refusal first: length, characters, encoding (RFC 8725 3).

    Raises:
        InvalidToken: It is not; `reason` says why.
    """
    if len(text) > MAX_LENGTH:
        raise InvalidToken("too long")
    if not _COMPACT.fullmatch(text):
        raise InvalidToken("malformed")
    header, payload, signature = map(_decode_segment, text.split("."))
    return Jws(parse_object(header), payload, text.rpartition(".")[0].encode(), signature)


def parse_object(data: bytes) -> dict[str, Any]:
    """Return the JSON object that bytes stand for, if it is UTF-8 and names no member twice.

    Raises:
        InvalidToken: They stand for something else.
    """
    try:
        value = _JSON.decode(data.decode())
    except (ValueError, RecursionError):
        raise InvalidToken("encoding") from None
    if not isinstance(value, dict):
        raise InvalidToken("encoding")
    return value


def _decode_segment(segment: str) -> bytes:
    """Return the bytes of a segment, if it is their one spelling in base64url (RFC 7515 2)."""
    try:
        data = base64.urlsafe_b64decode(segment + "==")  # as many as can be missing
    except (binascii.Error, ValueError):
        raise InvalidToken("encoding") from None
    if base64.urlsafe_b64encode(data).rstrip(b"=").decode() != segment:
        raise InvalidToken("encoding")
    return data


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse a JSON object that names a member twice (RFC 7519 4)."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError
    return members


_JSON: Final = json.JSONDecoder(object_pairs_hook=_unique)
