"""What makes a signing key too weak to use."""

import math
import re
import secrets
from collections import Counter

MINIMUM_BITS = 224
"""Asked of a key: 32 random bytes (RFC 7518 3.2), less what one sample may seem to miss."""

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
    """Return what is wrong with a signing key, or None.

    Args:
        key: The text of the key; its UTF-8 bytes sign.

    Returns:
        The end of a sentence that begins with "the key", or None for a good key.
    """
    if len(key.encode()) < 32:  # noqa: PLR2004 - RFC 7518 3.2
        return "is shorter than 32 bytes"
    if _UUID.fullmatch(key):
        return "is a UUID, which is an identifier and no secret"
    if _is_repeated(key):
        return "repeats itself"
    if _words_in(key):
        return "is made of words or patterns that can be guessed"
    if estimate_bits(key) < MINIMUM_BITS:
        return "holds too little randomness"
    return None


def estimate_bits(key: str) -> float:
    """Return the most bits of entropy that a key of this look can have.

    The smaller of two bounds: what its alphabet allows at this length, and what the frequency of
    its characters allows, corrected for the bias of so short a sample (Miller and Madow).
    """
    size = next((size for pattern, size in _ALPHABETS if pattern.fullmatch(key)), 95)
    counts = Counter(key)
    length = len(key)
    shannon = -sum(n / length * math.log2(n / length) for n in counts.values())
    corrected = shannon + (len(counts) - 1) / (2 * length * math.log(2))
    return length * min(math.log2(size), corrected + _slack(size, length))


def _slack(size: int, length: int) -> float:
    """Return how far the frequency bound of a random key may fall short, in bits a character."""
    unseen = size / length
    return 0.15 + 0.35 * unseen


def _is_repeated(key: str) -> bool:
    """Return whether the key is a piece repeated, or one character for most of its length."""
    if max(Counter(key).values()) > len(key) // 3:
        return True
    return key in (key + key)[1:-1]


def _words_in(key: str) -> bool:
    """Return whether more than a sixth of the key is words, or it reads like a sentence."""
    covered = sum(len(match.group()) for match in _WORDS.finditer(key))
    spaces = key.count(" ") + key.count("_") + key.count("-")
    return covered * 6 > len(key) or (spaces * 8 > len(key) and not any(map(str.isdigit, key)))
