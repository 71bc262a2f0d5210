import base64
import random
import uuid
from typing import TYPE_CHECKING

import pytest
from tests.support import vectors

from streamlit_persistauth.core.sessions.key_strength import (
    estimate_bits,
    find_weakness,
    generate_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable

SAMPLES = 500


def random_keys(encode: str) -> list[str]:
    """Return many 32-byte keys in usual encodings, the same at every run."""
    source = random.Random(encode)  # noqa: S311 - has to be the same at every run
    ways: dict[str, Callable[[bytes], str]] = {
        "hex": lambda data: data.hex(),
        "HEX": lambda data: data.hex().upper(),
        "urlsafe": lambda data: base64.urlsafe_b64encode(data).rstrip(b"=").decode(),
        "fernet": lambda data: base64.urlsafe_b64encode(data).decode(),
        "base64": lambda data: base64.b64encode(data).decode(),
        "base32": lambda data: base64.b32encode(data).decode(),
        "base85": lambda data: base64.b85encode(data).decode(),
    }
    return [ways[encode](source.randbytes(32)) for _ in range(SAMPLES)]


@pytest.mark.parametrize("way", ["hex", "HEX", "urlsafe", "fernet", "base64", "base32", "base85"])
def test_random_keys_are_accepted(way: str) -> None:
    """32 random bytes are strong in every usual encoding: token_urlsafe, token_hex, openssl."""
    assert [key for key in random_keys(way) if find_weakness(key)] == []


def test_generated_keys_are_accepted() -> None:
    """A key from `generate_key` is accepted and different each time."""
    keys = {generate_key() for _ in range(200)}
    assert len(keys) == 200
    assert not any(map(find_weakness, keys))


@pytest.mark.parametrize(
    "key",
    [
        "",
        "secret",
        "a" * 31,
        "Zk3vR9pLq2Xs7Wm1",
        "a" * 64,
        "ab" * 32,
        "0123456789abcdef" * 4,
        "Zk3vR9pLq2Xs7Wm1" * 4,
        str(uuid.UUID(int=0x1234567890ABCDEF1234567890ABCDEF)),
        "6f1c8f4e-3b1d-4c53-9b0e-2f1b7ad7d9aa",
        "6F1C8F4E-3B1D-4C53-9B0E-2F1B7AD7D9AA",
        "change-me-to-a-long-random-string-please",
        "your-256-bit-secret-your-256-bit-secret",
        "my-super-secret-jwt-signing-key-for-production",
        "supersecretsupersecretsupersecret1",
        "correct horse battery staple and so on",
        "passwordpasswordpasswordpassword",
        "01234567890123456789012345678901",
        "11111111111111111111111111111111111111112",
        "abcdefghijklmnopqrstuvwxyzabcdefghij",
        "".join(map(chr, range(40, 90))),
        "zyxwvutsrqponmlkjihgfedcbaZYXWVUTSRQPONMLK98",
        "qwertyuiopasdfghjklzxcvbnm1234567890",
        "the quick brown fox jumps over the lazy dog",
    ],
)
def test_weak_keys(key: str) -> None:
    """Short, repeated and readable keys and UUIDs are rejected with the reason."""
    weakness = find_weakness(key)
    assert weakness is not None
    assert key not in weakness or not key


def test_length_counts_bytes() -> None:
    """The minimum is 32 bytes of UTF-8, not characters."""
    assert find_weakness("é" * 16) != "is shorter than 32 bytes"
    assert find_weakness("e" * 31) == "is shorter than 32 bytes"


def test_undecodable_key() -> None:
    """A key with bytes that are not UTF-8, as in an environment, is rejected with a message."""
    assert find_weakness("\udcff\udc80" * 20) is not None


def test_published_keys() -> None:
    """Published signing secrets are rejected."""
    published = vectors.read("jwt/jwt.secrets.list").splitlines()
    assert len(published) > 100_000
    accepted = [key for key in published if find_weakness(key) is None]
    assert len(accepted) == 0


def test_estimate_grows_with_the_key() -> None:
    """The estimate never decreases for a longer random key."""
    key = generate_key()
    assert estimate_bits(key[:32]) < estimate_bits(key)
