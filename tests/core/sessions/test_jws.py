import base64
import hmac
import json
from typing import Any, Final

import pytest
from tests.support import vectors
from tests.support.forgery import KEY, forge

from streamlit_persistauth.core.sessions.jws import MAX_LENGTH, parse
from streamlit_persistauth.core.sessions.key_strength import find_weakness
from streamlit_persistauth.errors import InvalidToken

OTHER_ALGORITHMS: Final = {
    *(18, 33, *range(259, 276), 287, 288, *range(320, 324), *range(325, 329)),
    *(345, 346, 347, 349, 350, 351, 378),
}
"""Valid by RS*, PS* and ES*; we have one algorithm."""
SAME_AS_A_VALID_ONE: Final = {367, 370}
"""Marked invalid for padding that the published texts don't have: each is the text of case 357."""
LENIENT: Final = {372, 373}
"""Marked valid though a segment has a character that base64url has not (RFC 7515 2)."""
REPEATABLE_KEYS: Final = {13, 14, 15}
"""Long keys that count up from 0: long enough for the RFC, and known to everybody."""


def accepts(text: str, key: bytes) -> bool:
    """Return whether the verifier accepts a text for this key; no other exception may be raised."""
    try:
        parse(text).verify(key)
    except InvalidToken:
        return False
    return True


def symmetric(key: dict[str, Any]) -> bytes:
    """Return the secret of a JWK, or the public key as text to misuse it as a secret."""
    if key["kty"] == "oct":
        return base64.urlsafe_b64decode(key["k"] + "===")
    return json.dumps(key).encode()


def test_wycheproof() -> None:
    """All 401 cases of Wycheproof; every deviating judgement is listed with its reason."""
    groups = vectors.load("wycheproof/json_web_signature_test.json")["testGroups"]
    cases = [(group, case) for group in groups for case in group["tests"]]
    assert len(cases) == 401
    otherwise = set()
    for group, case in cases:
        text = case["jws"] if isinstance(case["jws"], str) else json.dumps(case["jws"])
        key = symmetric(group.get("private") or group["public"])
        if accepts(text, key) is not (case["result"] == "valid"):
            otherwise.add(case["tcId"])
    assert otherwise == OTHER_ALGORITHMS | SAME_AS_A_VALID_ONE | LENIENT


def test_the_same_text() -> None:
    """A text accepted against the list is identical to a case that the list calls valid."""
    groups = vectors.load("wycheproof/json_web_signature_test.json")["testGroups"]
    texts = {case["tcId"]: case["jws"] for group in groups for case in group["tests"]}
    assert {texts[number] for number in SAME_AS_A_VALID_ONE} == {texts[357]}


def test_wycheproof_key_strength() -> None:
    """Symmetric keys that Wycheproof calls too short or empty are rejected, and three more."""
    groups = vectors.load("wycheproof/json_web_key_test.json")["testGroups"]
    cases = {case["tcId"]: group for group in groups for case in group["tests"]}
    refused = {
        number
        for number, group in cases.items()
        for key in (group.get("private") or {}).get("keys", [])
        if number in range(10, 19) and find_weakness(symmetric(key).decode("latin-1"))
    }
    assert refused == set(range(10, 19))
    assert refused >= REPEATABLE_KEYS


def test_rfc_examples() -> None:
    """The HS256 example of RFC 7515 A.1 verifies with its key; the unsecured one never does."""
    examples = vectors.load("rfc/rfc7515_rfc7519_examples.json")
    taken = {name for name, example in examples.items() if accepts(example["token"], rfc_key())}
    assert len(taken) >= 1
    for name in taken:
        head = json.loads(base64.urlsafe_b64decode(examples[name]["token"].split(".")[0] + "=="))
        assert head["alg"] == "HS256"


def rfc_key() -> bytes:
    """Return the key of RFC 7515 A.1."""
    text = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow"
    return base64.urlsafe_b64decode(text + "==")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a" * (MAX_LENGTH + 1), "too long"),
        ("a.b", "malformed"),
        ("e30.e30.e3", "encoding"),
        ("e30.e30.e", "encoding"),
        ("W10.e30.e30w", "encoding"),
        ("eyJhIjoxLCJhIjoxfQ.e30.e30w", "encoding"),
        (forge()[:-4] + "AAAA", "signature"),
    ],
)
def test_reasons(text: str, reason: str) -> None:
    """A rejection has its reason for the log."""
    with pytest.raises(InvalidToken) as caught:
        parse(text).verify(KEY.encode())
    assert caught.value.reason == reason


def test_longest() -> None:
    """A text of exactly the maximum length is parsed."""
    text = "e30." + "A" * (MAX_LENGTH - 9) + ".AAAA"
    assert len(text) == MAX_LENGTH
    assert len(parse(text).payload) == (MAX_LENGTH - 9) * 3 // 4


@pytest.mark.parametrize("alg", ["none", "HS512", "hs256", "", None, 7])
def test_other_algorithm_in_the_header(alg: object) -> None:
    """A header that names another algorithm is rejected, even if the signature is right."""
    text = ".".join(
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": alg}, {})
    )
    signature = hmac.new(KEY.encode(), text.encode(), "sha256").digest()
    token = parse(f"{text}.{base64.urlsafe_b64encode(signature).rstrip(b'=').decode()}")
    with pytest.raises(InvalidToken):
        token.verify(KEY.encode())


def test_nothing_secret_shows() -> None:
    """The repr of a parsed JWS contains neither payload nor signature."""
    token = parse(forge())
    assert repr(token.signature) not in repr(token)
    assert repr(token.signed) not in repr(token)
    assert "a-token" not in repr(token)
