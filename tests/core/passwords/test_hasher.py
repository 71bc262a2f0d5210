import base64
import hashlib
import hmac
import unicodedata

import bcrypt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import vectors
from tests.support.hashing import BcryptCalls

from streamlit_persistauth.core.passwords.hasher import (
    DEFAULT_ROUNDS,
    PasswordHasher,
)

PASSWORD = "plum-Kettle-93-orbit"
HASHER = PasswordHasher(4)
STORED = "$bcrypt-sha256$v=2,t=2b,r=4$gaPW5KhbIZFmWdzdYSDFRu$D9SXAMScLpMX91vVsXBFPaAs/3nmmE6"
STORED_DEARER = "$bcrypt-sha256$v=2,t=2b,r=5$X6KBq17wrkd7QamJEb5nde$kzDsr4l1gIvW/gafrGcZppJDBV/Ckru"
STORED_PLAIN = "$2b$04$OXXFHaXPjgQugK4HuUkCEOJoJNJuhuuamWsNegVeDl0zrRpTKaSgW"


def plain(password: bytes, prefix: str = "2b") -> str:
    """Return a hash as other software makes it."""
    stored = bcrypt.hashpw(password[:72], bcrypt.gensalt(4)).decode()
    return stored.replace("$2b$", f"${prefix}$")


@pytest.mark.parametrize(
    "password", [PASSWORD, "a", "", "\0", "é" * 256, "x" * 256, "\ud800", "😀"]
)
def test_round_trip(password: str) -> None:
    """A password verifies against its own hash; with one more character it does not."""
    stored = HASHER.hash(password)
    assert HASHER.verify(password, stored)
    assert not HASHER.verify(password + "x", stored)


def test_tagged_format() -> None:
    """The hash has the format that passlib documents: bcrypt of base64 of HMAC-SHA-256 by salt."""
    _, tag, parameters, salt, digest = STORED.split("$")
    assert (tag, parameters) == ("bcrypt-sha256", "v=2,t=2b,r=4")
    keyed = base64.b64encode(hmac.digest(salt.encode(), PASSWORD.encode(), hashlib.sha256))
    expected = bcrypt.hashpw(keyed, f"$2b$04${salt}".encode()).decode()
    assert expected == f"$2b$04${salt}{digest}"


def test_passlib_example() -> None:
    """A hash from passlib's documentation verifies."""
    stored = "$bcrypt-sha256$v=2,t=2b,r=12$n79VH.0Q2TMWmt3Oqt9uku$Kq4Noyk3094Y2QlB8NdRT8SvGiI4ft2"
    assert HASHER.verify("password", stored)
    assert not HASHER.verify("Password", stored)


def test_salted() -> None:
    """The same password has a different hash each time."""
    assert HASHER.hash(PASSWORD) != HASHER.hash(PASSWORD)


@pytest.mark.parametrize("length", [55, 71, 72, 73, 100, 200, 255])
def test_every_byte_counts(length: int) -> None:
    """Passwords that differ only in the last character differ, before and after 72 bytes."""
    stored = HASHER.hash("x" * length + "a")
    assert HASHER.verify("x" * length + "a", stored)
    assert not HASHER.verify("x" * length + "b", stored)
    assert not HASHER.verify("x" * length, stored)
    assert not HASHER.verify("x" * length + "aa", stored)


def test_nul_counts() -> None:
    """The characters after a NUL are significant."""
    stored = HASHER.hash("plum\0kettle")
    assert HASHER.verify("plum\0kettle", stored)
    assert not HASHER.verify("plum\0orbit", stored)
    assert not HASHER.verify("plum", stored)
    assert not HASHER.verify("plum\0", stored)


def test_normalisation() -> None:
    """A password typed in decomposed characters is the same password (NFC)."""
    composed = "zo\u00eb-Kettle-93"
    decomposed = unicodedata.normalize("NFD", composed)
    assert composed != decomposed
    assert HASHER.verify(decomposed, HASHER.hash(composed))
    assert HASHER.verify(composed, HASHER.hash(decomposed))


def test_no_compatibility_folding() -> None:
    """Characters that only look alike stay different (NFC, not NFKC)."""
    assert not HASHER.verify("\uff41bcdefgh", HASHER.hash("abcdefgh"))


def test_case_and_space_count() -> None:
    """Neither whitespace nor case is normalised."""
    for other in (PASSWORD.lower(), PASSWORD + " ", " " + PASSWORD):
        assert not HASHER.verify(other, STORED)


@pytest.mark.parametrize("prefix", ["2a", "2b", "2y"])
def test_adopted_hashes(prefix: str) -> None:
    """Plain bcrypt hashes of other software verify, and wrong passwords do not."""
    stored = plain(PASSWORD.encode(), prefix)
    assert HASHER.verify(PASSWORD, stored)
    assert not HASHER.verify(PASSWORD + "x", stored)


def test_adopted_hashes_count_72_bytes() -> None:
    """Plain hashes verify over the first 72 bytes; longer passwords raise nothing."""
    stored = plain(b"x" * 80)
    assert HASHER.verify("x" * 80, stored)
    assert HASHER.verify("x" * 72, stored)
    assert not HASHER.verify("x" * 71, stored)
    assert HASHER.verify("é" * 50, plain(("é" * 50).encode()))


def test_pyca_vectors() -> None:
    """Published vectors of pyca/bcrypt verify if their password is text."""
    cases = vectors.load("bcrypt/pyca_bcrypt_vectors.json")["vectors"]
    texts = [
        (base64.b64decode(case["password_b64"]), case["expected"])
        for case in cases
        if case["expected"].startswith(("$2a$", "$2b$", "$2y$"))
    ]
    verified = 0
    for data, expected in texts:
        try:
            password = data.decode()
        except UnicodeDecodeError:
            continue
        assert HASHER.verify(password, expected)
        assert not HASHER.verify("x" + password, expected)
        verified += 1
    assert verified >= 10


def test_jbcrypt_vectors() -> None:
    """Published vectors of jBCrypt verify."""
    cases = vectors.load("bcrypt/jbcrypt_vectors.json")
    quick = [case for case in cases if case["salt"].startswith(("$2a$06", "$2a$08"))]
    assert quick
    for case in quick:
        assert HASHER.verify(case["password"], case["expected"])
        assert not HASHER.verify(case["password"] + "x", case["expected"])


MALFORMED = [
    "",
    "x",
    PASSWORD,
    "$2b$04$",
    "$2b$04$" + "a" * 52,
    "$2b$04$" + "a" * 54,
    "$2b$03$" + "a" * 53,
    "$2b$32$" + "a" * 53,
    "$2b$4$" + "a" * 54,
    "$2x$04$" + "a" * 53,
    "$1$04$" + "a" * 53,
    "$2b$04$" + "!" * 53,
    "$2b$04$" + "z" * 53,
    "$bcrypt-sha256$",
    "$bcrypt-sha256$v=1,t=2b,r=4$" + "." * 22 + "$" + "." * 31,
    "$bcrypt-sha256$v=2,t=2a,r=4$" + "." * 22 + "$" + "." * 31,
    "$bcrypt-sha256$v=2,t=2b,r=3$" + "." * 22 + "$" + "." * 31,
    "$bcrypt-sha256$v=2,t=2b,r=21$" + "." * 22 + "$" + "." * 31,
    "$2b$31$" + "." * 22 + "." * 31,
    "$bcrypt-sha256$v=2,t=2b,r=99$" + "." * 22 + "$" + "." * 31,
    "$bcrypt-sha256$v=2,t=2b,r=4$" + "." * 21 + "$" + "." * 31,
    "$bcrypt-sha256$v=2,t=2b,r=4$" + "z" * 22 + "$" + "." * 31,
    STORED + "\n",
    STORED + " ",
    " " + STORED,
    STORED[:-1],
    "$argon2id$v=19$m=65536,t=3,p=4$AAAA$AAAA",
    "\ud800",
    "$2b$\u0660\u0664$" + "a" * 53,
]


@pytest.mark.parametrize("stored", [None, *MALFORMED], ids=lambda stored: repr(stored)[:48])
def test_no_hash_at_all(stored: str | None, bcrypt_calls: BcryptCalls) -> None:
    """A stored text that is no hash is rejected after exactly one hash."""
    assert HASHER.verify(PASSWORD, stored) is False
    assert bcrypt_calls.count == 1


@pytest.mark.parametrize("password", [PASSWORD, "wrong", "", "x" * 256, "\0", "\ud800"])
@pytest.mark.parametrize("stored", [STORED, STORED_PLAIN, None])
def test_one_hash_for_each_answer(
    password: str, stored: str | None, bcrypt_calls: BcryptCalls
) -> None:
    """Right and wrong, tagged and plain, known and unknown: each takes one hash."""
    HASHER.verify(password, stored)
    assert bcrypt_calls.count == 1


def test_dummy_hash_is_random() -> None:
    """The dummy hash for unknown accounts differs for each hasher."""
    assert PasswordHasher(4)._dummy != PasswordHasher(4)._dummy
    assert not HASHER.verify("", None)


def test_dummy_hash_costs_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown account takes the same work as a hash of the app."""
    settings: list[bytes] = []
    real = bcrypt.hashpw

    def hashpw(password: bytes, salt: bytes) -> bytes:
        settings.append(salt)
        return real(password, salt)

    monkeypatch.setattr(bcrypt, "hashpw", hashpw)
    PasswordHasher(5).verify(PASSWORD, None)
    assert [setting[:7] for setting in settings] == [b"$2b$05$"]


def test_building_hashes_nothing(bcrypt_calls: BcryptCalls) -> None:
    """Creating a hasher computes no hash, so that an app starts fast."""
    PasswordHasher()
    assert bcrypt_calls.count == 0


@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (STORED, False),
        (STORED_DEARER, True),
        (STORED_PLAIN, True),
        ("no hash", True),
    ],
)
def test_needs_upgrade(stored: str, expected: bool) -> None:  # noqa: FBT001 - of pytest
    """Any hash that differs from new ones needs an upgrade."""
    assert HASHER.needs_upgrade(stored) is expected


def test_default_cost() -> None:
    """The default cost is at least the one that OWASP recommends."""
    assert DEFAULT_ROUNDS >= 12
    assert PasswordHasher().rounds == DEFAULT_ROUNDS


@given(st.text())
def test_any_stored_text(stored: str) -> None:
    """Any stored text is rejected without an exception."""
    assert HASHER.verify(PASSWORD, stored) is False
