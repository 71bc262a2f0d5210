"""Detect weak signing keys, and generate strong ones."""

import hashlib
import math
import re
import secrets
from collections import Counter
from collections.abc import Callable
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final

MINIMUM_BYTES: Final = 32
"""The minimum length of a key (RFC 7518 3.2)."""
MINIMUM_BITS: Final = 224
"""The minimum estimated entropy: 32 random bytes (RFC 7518 3.2) less the estimation error."""

FINGERPRINT_BYTES: Final = 5
"""The bytes stored of the SHA-256 of a published key. A random key matches one of a thousand with a
probability of 10^-9."""

_ALPHABETS = (
    (re.compile(r"[0-9]+"), 10),
    (re.compile(r"[0-9a-f]+|[0-9A-F]+"), 16),
    (re.compile(r"[0-9a-z]+|[0-9A-Z]+"), 36),
    (re.compile(r"[0-9A-Za-z]+"), 62),
    (re.compile(r"[0-9A-Za-z+/=_-]+"), 64),
)
_UUID = re.compile(r"(?i)[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}")
_WORDS = re.compile(
    r"(?i)change|secret|passw|example|sample|random|default|please|replace|insert|"
    r"your|super|token|private|qwert|asdf|12345|abcde|local|develop|production|system|"
    r"security|secure|safe|this|that|with|should|must|very|long|string|admin|user|"
    r"test|hello|world|code|keyboard|generat|signing|auth|http|super|jwt|key"
)


def generate_key() -> str:
    """Return a new signing key: 48 random bytes, base64url."""
    while True:
        key = secrets.token_urlsafe(48)
        if find_weakness(key) is None:
            return key


def find_weakness(key: str) -> str | None:
    """Return the weakness of a signing key, or None.

    Args:
        key: The text of the key, whose UTF-8 bytes sign.

    Returns:
        The rest of a sentence that begins with "the key", or None for a strong key.
    """
    return next((fault for fault, is_true in _FAULTS.items() if is_true(key)), None)


def estimate_bits(key: str) -> float:
    """Return an upper bound of the entropy of a key in bits.

    It is the smaller of two bounds: from alphabet and length, and from the frequencies of the
    characters, corrected for the bias of a small sample (Miller and Madow).
    """
    size = next((size for pattern, size in _ALPHABETS if pattern.fullmatch(key)), 95)
    counts = Counter(key)
    length = len(key)
    shannon = -sum(n / length * math.log2(n / length) for n in counts.values())
    corrected = shannon + (len(counts) - 1) / (2 * length * math.log(2))
    return length * min(math.log2(size), corrected + _slack(size, length))


def _bytes(key: str) -> bytes:
    return key.encode("utf-8", "surrogatepass")


def _is_published(key: str) -> bool:
    """Return whether a key is in the list of published keys, which is stored as fingerprints."""
    return hashlib.sha256(_bytes(key)).digest()[:FINGERPRINT_BYTES] in _published()


@cache
def _published() -> frozenset[bytes]:
    data = (
        resources.files("streamlit_persistauth.core.sessions")
        .joinpath("published_keys.bin")
        .read_bytes()
    )
    starts = range(0, len(data), FINGERPRINT_BYTES)
    return frozenset(data[start : start + FINGERPRINT_BYTES] for start in starts)


def _slack(size: int, length: int) -> float:
    """Return the error of the frequency bound for a random key, in bits per character."""
    unseen = size / length
    return 0.15 + 0.35 * unseen


def _is_repeated(key: str) -> bool:
    """Return whether the key is a repeated sequence, or one character makes up a third of it."""
    if max(Counter(key).values()) > len(key) // 3:
        return True
    return key in (key + key)[1:-1]


def _is_sequence(key: str) -> bool:
    """Return whether a third of the characters differ from the next by the same step."""
    steps = Counter(ord(after) - ord(before) for before, after in pairwise(key))
    return max(steps.values(), default=0) > len(key) // 3


def _has_words(key: str) -> bool:
    """Return whether more than a sixth of the key is words, or it looks like a sentence."""
    covered = sum(len(match.group()) for match in _WORDS.finditer(key))
    spaces = key.count(" ") + key.count("_") + key.count("-")
    return covered * 6 > len(key) or (spaces * 8 > len(key) and not any(map(str.isdigit, key)))


_FAULTS: Final[dict[str, Callable[[str], bool]]] = {
    "is shorter than 32 bytes": lambda key: len(_bytes(key)) < MINIMUM_BYTES,
    "is a UUID, which is an identifier and no secret": lambda key: bool(_UUID.fullmatch(key)),
    "repeats itself": _is_repeated,
    "counts up or down": _is_sequence,
    "is made of words or patterns that can be guessed": _has_words,
    "holds too little randomness": lambda key: estimate_bits(key) < MINIMUM_BITS,
    "has been published": _is_published,
}
"""The checks by their message, cheapest first."""
