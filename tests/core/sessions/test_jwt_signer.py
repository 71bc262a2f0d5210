import base64
import json
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import vectors
from tests.support.clock import START, MovableClock
from tests.support.forgery import (
    AUDIENCE,
    CLAIMS,
    HEADER,
    KEY,
    encode,
    forge,
    to_json,
    without,
)

from streamlit_persistauth.core.sessions.jws import MAX_LENGTH
from streamlit_persistauth.core.sessions.jwt_signer import Claims, KeyRing, TokenSigner, key_id
from streamlit_persistauth.core.sessions.key_strength import generate_key
from streamlit_persistauth.errors import InvalidToken

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
HOUR = timedelta(hours=1)
OURS = Claims("a-user", "a-session", "a-token", START, START + HOUR)


def signer(*keys: str, clock: MovableClock | None = None, audience: str = AUDIENCE) -> TokenSigner:
    """Return a signer whose first key signs."""
    current, *previous = keys or (KEY,)
    return TokenSigner(KeyRing(current, previous), audience=audience, clock=clock or MovableClock())


def assert_refused(
    text: str,
    *,
    by: TokenSigner | None = None,
    reason: str | None = None,
    foreign: bool | None = False,
) -> None:
    """Assert that a token is rejected, with the reason and whether it counts as another app's."""
    with pytest.raises(InvalidToken) as caught:
        (by or signer()).verify(text)
    if reason is not None:
        assert caught.value.reason == reason
    if foreign is not None:
        assert caught.value.foreign == foreign


def test_round_trip() -> None:
    """Verifying a signed token returns its claims."""
    assert signer().verify(signer().sign(OURS)) == OURS


def test_forge_makes_good_tokens() -> None:
    """The hand-made token that the following tests vary is valid."""
    assert signer().verify(forge()) == OURS


def test_no_personal_data() -> None:
    """The claims are the seven documented ones, and no other."""
    payload = signer().sign(OURS).split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert set(claims) == {"iss", "aud", "sub", "sid", "jti", "iat", "exp"}


def test_every_single_change_is_refused() -> None:
    """No character of a token can be another one, at any position.

    Inside a segment its two neighbours in the alphabet and a dot stand for all others; at the
    end of a segment, where unused bits are, every character is tried.
    """
    token = forge()
    ours = signer()
    ends = {len(token) - 1} | {index - 1 for index, char in enumerate(token) if char == "."}
    for position, old in enumerate(token):
        rank = ALPHABET.find(old)
        near = {ALPHABET[rank - 1], ALPHABET[(rank + 1) % 64], "."}
        for new in set(ALPHABET) | {"."} if position in ends else near:
            if new != old:
                changed = token[:position] + new + token[position + 1 :]
                assert_refused(changed, by=ours, foreign=None)  # it may name another key
    assert ours.verify(token) == OURS


def test_every_cut_is_refused() -> None:
    """No prefix and no suffix of a token is a token."""
    token = forge()
    for position in range(1, len(token)):
        assert_refused(token[:position])
        assert_refused(token[position:])


@pytest.mark.parametrize("part", [0, 1, 2])
def test_other_spelling(part: int) -> None:
    """A segment whose last character has its unused bits set is refused, though it decodes alike.

    The test makes payloads of every length until the segment has unused bits.
    """
    for padding in range(3):
        header = {**HEADER, "kid": key_id(KEY)}
        payload = {**CLAIMS, "sid": "s" * (8 + padding)}
        # White space is no member, and moves the length of the header.
        token = forge(to_json(header) + b" " * padding, payload)
        assert signer().verify(token).session_id == payload["sid"]
        segments = token.split(".")
        if len(segments[part]) % 4 == 0:
            continue
        last = ALPHABET.index(segments[part][-1])
        segments[part] = segments[part][:-1] + ALPHABET[last + 1]
        assert_refused(".".join(segments))


def test_other_spelling_of_the_signature_reason() -> None:
    """The other encoding of the last character is rejected before any HMAC."""
    token = forge()
    last = ALPHABET.index(token[-1])
    assert_refused(token[:-1] + ALPHABET[last + 1], reason="encoding")


@pytest.mark.parametrize(
    "bend",
    [
        "{}=",
        "{}==",
        "{}.",
        ".{}",
        " {}",
        "{} ",
        "{}\n",
        "\ufeff{}",
        "{}\0",
        '"{}"',
        "Bearer {}",
        "{}.e30",
        "{}\u0661",
        "{}\ud800",
    ],
)
def test_other_characters(bend: str) -> None:
    """Only letters, digits, `-`, `_` and two dots are accepted, at any position."""
    assert_refused(bend.format(forge()), reason="malformed")


@pytest.mark.parametrize("old_new", [("-", "+"), ("_", "/"), (".", "..")])
def test_other_alphabet(old_new: tuple[str, str]) -> None:
    """The standard base64 alphabet is rejected."""
    token = next(
        token
        for number in range(1000)
        if all(c in (token := forge(payload={**CLAIMS, "sid": f"{number:x}~?>"})) for c in "-_")
    )
    assert signer().verify(token)
    assert_refused(token.replace(*old_new), reason="malformed")


def test_too_long() -> None:
    """A genuine token over the limit is rejected for its length."""
    token = forge(payload={**CLAIMS, "sid": "s" * MAX_LENGTH})
    assert_refused(token, reason="too long")


def test_ten_megabytes() -> None:
    """A huge text is rejected for its length."""
    assert_refused("a" * 10_000_000, reason="too long")


@pytest.mark.parametrize("text", ["", ".", "..", "...", "a.b.c", "e30.e30.e30", "null", "{}"])
def test_no_token_at_all(text: str) -> None:
    """A text that is no token is rejected."""
    assert_refused(text)


@pytest.mark.parametrize(
    "alg",
    ["none", "None", "NONE", "nOnE", "noNe", "", " none", "none ", "none\0", "no\u017fe", None],
)
@pytest.mark.parametrize("signed", [True, False])
def test_alg_none(alg: str | None, signed: bool) -> None:  # noqa: FBT001 - a parameter of pytest
    """The algorithm none is rejected in every spelling, with and without a signature."""
    token = forge({**HEADER, "alg": alg})
    assert_refused(token if signed else token.rpartition(".")[0] + ".")
    assert_refused(token if signed else token.rpartition(".")[0])


@pytest.mark.parametrize("signature", ["", "A", "AA", "AAAA", "A" * 43])
def test_stripped_signature(signature: str) -> None:
    """A different signature is rejected."""
    assert_refused(forge().rpartition(".")[0] + "." + signature)


@pytest.mark.parametrize(
    ("alg", "hash_name"),
    [
        ("HS384", "sha384"),
        ("HS512", "sha512"),
        ("RS256", "sha256"),
        ("ES256", "sha256"),
        ("PS256", "sha256"),
        ("EdDSA", "sha512"),
        ("hs256", "sha256"),
        ("HS256 ", "sha256"),
        ("dir", "sha256"),
    ],
)
def test_other_algorithms(alg: str, hash_name: str) -> None:
    """Other algorithms are rejected, even if their HMAC is right."""
    assert_refused(forge({**HEADER, "alg": alg}, hash_name=hash_name), reason="header")


def test_hash_of_another_algorithm() -> None:
    """A header with HS256 over an HMAC of another hash is rejected."""
    assert_refused(forge(hash_name="sha512"))


@pytest.mark.parametrize(
    "member",
    [
        {"jwk": {"kty": "oct", "k": encode(KEY.encode())}},
        {"jku": "https://attacker.example/keys.json"},
        {"x5u": "https://attacker.example/cert.pem"},
        {"x5c": ["MIIB"]},
        {"x5t": "AAAA"},
        {"crit": []},
        {"crit": ["b64"], "b64": False},
        {"b64": True},
        {"zip": "DEF"},
        {"cty": "JWT"},
        {"enc": "A128GCM"},
        {"": ""},
    ],
    ids=lambda member: "+".join(member) or "empty",
)
def test_more_in_the_header(member: dict[str, object]) -> None:
    """A header with an additional member is rejected, even if it is genuinely signed."""
    assert_refused(forge({**HEADER, **member}), reason="header")


@pytest.mark.parametrize("name", ["alg", "typ", "kid"])
def test_less_in_the_header(name: str) -> None:
    """A header without one of the three members is rejected."""
    assert_refused(forge(without(HEADER, name)), reason="header")


@pytest.mark.parametrize(
    "kid",
    [
        None,
        0,
        True,
        [],
        [key_id(KEY)],
        {},
        "",
        "../../dev/null",
        "' OR 1=1 --",
        key_id(KEY).upper() + " ",
        "0" * 15,
        "0" * 17,
        "G" * 16,
    ],
)
def test_odd_kid(kid: object) -> None:
    """A malformed `kid` is a forgery."""
    assert_refused(forge({**HEADER, "kid": kid}))


@pytest.mark.parametrize("kid", [key_id("another"), "0" * 16])
def test_unknown_kid(kid: str) -> None:
    """A `kid` outside the ring is rejected as another app's."""
    assert_refused(forge({**HEADER, "kid": kid}), reason="unknown key", foreign=True)


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "", None, "PERSISTAUTH+JWT", ["persistauth+jwt"]])
def test_wrong_typ(typ: object) -> None:
    """A token of another type with our key is rejected (RFC 8725 3.11)."""
    assert_refused(forge({**HEADER, "typ": typ}), reason="header")


@pytest.mark.parametrize("header", [b"", b"[]", b"null", b'"HS256"', b"{", b"{}", b"\xff\xfe"])
def test_header_is_no_object(header: bytes) -> None:
    """A header that is no JSON object is rejected."""
    assert_refused(forge(header))


@pytest.mark.parametrize("name", sorted(HEADER))
def test_duplicate_in_the_header(name: str) -> None:
    """A header with a duplicate member is rejected, even if both are equal."""
    twice = to_json(HEADER)[:-1] + b"," + to_json({name: HEADER[name]})[1:]
    assert_refused(forge(twice), reason="encoding")


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_duplicate_in_the_payload(name: str) -> None:
    """A payload with a duplicate claim is rejected, even if both are equal."""
    twice = to_json(CLAIMS)[:-1] + b"," + to_json({name: CLAIMS[name]})[1:]
    assert_refused(forge(payload=twice), reason="encoding")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_other_encodings(encoding: str) -> None:
    """A payload in an encoding other than UTF-8 is rejected."""
    data = to_json(CLAIMS).decode().encode(encoding)
    assert_refused(forge(payload=data), reason="encoding")


@pytest.mark.parametrize(
    "payload", [b"", b"[]", b"null", b"1", b"{", b"\xff", b'{"a":' + b"[" * 500 + b"]" * 500 + b"}"]
)
def test_payload_is_no_object(payload: bytes) -> None:
    """A payload that is no JSON object with our claims is rejected."""
    assert_refused(forge(payload=payload))


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_missing_claim(name: str) -> None:
    """Each of the seven claims is required."""
    assert_refused(forge(payload=without(CLAIMS, name)), reason="claims")


@pytest.mark.parametrize("name", ["iss", "aud", "sub", "sid", "jti"])
@pytest.mark.parametrize("value", ["", None, 0, 1, True, [], ["x"], {}, 1.5])
def test_odd_text_claim(name: str, value: object) -> None:
    """A claim that must be text and is not, or is empty, is rejected."""
    reason = "issuer or audience" if name in {"iss", "aud"} else "claims"
    assert_refused(forge(payload={**CLAIMS, name: value}), reason=reason)


def test_audience_in_a_list() -> None:
    """Our audience in a list is rejected, because we never write it like that."""
    assert_refused(forge(payload={**CLAIMS, "aud": [AUDIENCE]}))
    assert_refused(forge(payload={**CLAIMS, "aud": [AUDIENCE, "another"]}))


@pytest.mark.parametrize("name", ["iat", "exp"])
@pytest.mark.parametrize(
    "value",
    [
        "1893466800",
        b"1893466800.5",
        b"1893466800.0",
        b"1.9e9",
        b"1e999",
        b"NaN",
        b"Infinity",
        b"-Infinity",
        b"true",
        b"false",
        b"null",
        b"-1",
        b"[]",
        b"{}",
        b"1" + b"0" * 400,
        b"253402300800",
    ],
    ids=lambda value: str(value)[:16],
)
def test_odd_time(name: str, value: str | bytes) -> None:
    """A time that is no plain number of seconds is rejected without another exception."""
    raw = value if isinstance(value, bytes) else to_json({"": value})[4:-1]
    payload = to_json(without(CLAIMS, name))[:-1] + b',"' + name.encode() + b'":' + raw + b"}"
    assert_refused(forge(payload=payload), reason="claims")


@pytest.mark.parametrize("value", [b"1e999", b"NaN", b'"x"', b"[1]", b"9" * 400])
def test_odd_claim_that_we_never_write(value: bytes) -> None:
    """An unknown claim is rejected."""
    payload = to_json(CLAIMS)[:-1] + b',"nbf":' + value + b"}"
    assert_refused(forge(payload=payload), reason="claims")


def test_email() -> None:
    """The email claim is written if a setting enables it, and never read."""
    token = signer().sign(replace(OURS, email="ada@example.com"))
    payload = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert payload["email"] == "ada@example.com"
    assert signer().verify(token) == OURS


def test_first_and_last_second() -> None:
    """The first and the last possible second are accepted."""
    claims = signer().verify(forge(payload={**CLAIMS, "iat": 0, "exp": 253_402_300_799}))
    assert (claims.issued_at.year, claims.expires_at.year) == (1970, 9999)


def test_expiry(clock: MovableClock) -> None:
    """A token is valid until the second before `exp`, by the injected clock."""
    ours = signer(clock=clock)
    token = ours.sign(OURS)
    clock.move(seconds=3599)
    assert ours.verify(token) == OURS
    clock.move(seconds=1)
    assert_refused(token, by=ours, reason="expired")


def test_issued_in_the_future(clock: MovableClock) -> None:
    """A token from the near future of another replica is valid, one from further ahead is not."""
    ours = signer(clock=clock)
    token = ours.sign(OURS)
    clock.move(seconds=-60)
    assert ours.verify(token) == OURS
    clock.move(seconds=-1)
    assert_refused(token, by=ours, reason="issued in the future")


def test_other_app() -> None:
    """A token of another app with the same key is rejected."""
    assert_refused(signer(audience="another").sign(OURS), reason="issuer or audience", foreign=True)


def test_other_issuer() -> None:
    """A token of another issuer with the same key is rejected."""
    assert_refused(forge(payload={**CLAIMS, "iss": "https://issuer.example"}))


def test_previous_key_verifies() -> None:
    """After a change of keys old tokens are valid, and new ones use the new key."""
    old, new = generate_key(), generate_key()
    token = signer(old).sign(OURS)
    assert signer(new, old).verify(token) == OURS
    assert_refused(signer(new, old).sign(OURS), by=signer(old), reason="unknown key", foreign=True)


def test_unknown_key() -> None:
    """A token with a key that was removed from the ring is rejected."""
    assert_refused(signer(generate_key()).sign(OURS), reason="unknown key", foreign=True)


def test_key_of_another_kid() -> None:
    """A token signed with one key of the ring under the id of another is rejected."""
    old, new = generate_key(), generate_key()
    token = forge({**HEADER, "kid": key_id(new)}, key=old)
    assert_refused(token, by=signer(new, old))


def test_ring_shows_no_key() -> None:
    """The repr of a key ring contains no key."""
    ring = KeyRing(KEY, [generate_key()])
    assert KEY not in repr(ring)
    assert repr(KeyRing(KEY)) == f"KeyRing({key_id(KEY)})"
    assert len(repr(ring).split(", ")) == 2


def test_claims_show_no_token_id() -> None:
    """The repr of claims does not contain the token id, which is the secret."""
    assert "a-token" not in repr(OURS)


def test_refusal_tells_nothing() -> None:
    """The message is the same for all reasons and contains nothing of the token."""
    messages = set()
    for text in (forge() + "=", forge({**HEADER, "alg": "none"}), "x" * 9999):
        with pytest.raises(InvalidToken) as caught:
            signer().verify(text)
        messages.add(str(caught.value))
    assert messages == {"This sign-in is no longer valid."}


@given(st.text())
def test_any_text(text: str) -> None:
    """Any text raises InvalidToken and nothing else."""
    assert_refused(text)


@given(st.lists(st.binary(max_size=60).map(encode), min_size=3, max_size=3))
def test_any_segments(segments: list[str]) -> None:
    """Any three segments raise InvalidToken and nothing else."""
    assert_refused(".".join(segments))


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec="utf-8"), max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)


@given(
    st.dictionaries(st.sampled_from(["alg", "typ", "kid", "crit", "jwk", "zip"]), json_values),
)
def test_any_header(changes: dict[str, object]) -> None:
    """A signed token with any header raises InvalidToken unless the header is ours."""
    header = {**HEADER, **changes}
    if header != HEADER:
        assert_refused(forge(header))


@given(st.dictionaries(st.sampled_from([*CLAIMS, "nbf", "x"]), json_values))
def test_any_payload(changes: dict[str, object]) -> None:
    """A signed token with any payload raises InvalidToken, or is read as it is."""
    payload = {**CLAIMS, **changes}
    try:
        claims = signer().verify(forge(payload=payload))
    except InvalidToken:
        return
    assert claims.subject == payload["sub"]
    assert claims.expires_at.timestamp() == payload["exp"]


def test_rfc_example() -> None:
    """The example tokens of RFC 7515 and RFC 7519 are rejected."""
    for example in vectors.load("rfc/rfc7515_rfc7519_examples.json").values():
        assert_refused(example["token"])
