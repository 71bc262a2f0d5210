import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlit_persistauth.core.text.usernames import MAX_LENGTH, canonical_username, username_key
from streamlit_persistauth.errors import InvalidUsername


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("ada", "ada"),
        (" ADA\t", "ada"),
        ("Ada.Lovelace_1815-x+y", "ada.lovelace_1815-x+y"),
        ("7", "7"),
        ("_x", "_x"),
        ("\uff21\uff24\uff21", "ada"),
        ("zoe\u0308", "zo\u00eb"),
        ("\u00c5sa", "\u00e5sa"),
        ("\u738b\u5c0f\u660e", "\u738b\u5c0f\u660e"),
        ("\u0939\u093f\u0928\u094d\u0926\u0940", "\u0939\u093f\u0928\u094d\u0926\u0940"),
        ("x" * MAX_LENGTH, "x" * MAX_LENGTH),
    ],
)
def test_one_form(text: str, name: str) -> None:
    """A user name of any script has one form, regardless of case, width and composition."""
    assert canonical_username(text) == name


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        ".",
        "-_-",
        "ada lovelace",
        "ada@example.com",
        "@ada",
        "ada\uff20example.com",  # fullwidth @, which NFKC makes an @
        "ada\ufe6bexample.com",
        "ada\0",
        "ada\nbob",
        "ada\u200bx",  # zero width space
        "ada\u200dx",  # zero width joiner
        "ada\u202ex",  # right-to-left override
        "ada\u00adx",  # soft hyphen
        "ada\u3164",  # Hangul filler
        "ada\ufe0f",  # variation selector
        "ada\u034f",  # combining grapheme joiner
        "ada\ud800",
        "ada\U0001f600",
        "ada/bob",
        "<b>",
        "' OR '1'='1",
        "ada%",
        "\u0301",
        "x" * (MAX_LENGTH + 1),
        "\ufdfa" * 10,  # NFKC makes 18 characters of each
        "x" * 1_000_000,
    ],
)
def test_refused(text: str) -> None:
    """A text that is no user name is refused with one sentence that does not repeat it."""
    with pytest.raises(InvalidUsername) as caught:
        canonical_username(text)
    assert text.strip() in {"", "."} or text not in str(caught.value)


@given(st.text() | st.text(alphabet=st.characters(categories=["L", "M", "Nd"]), min_size=1))
def test_any_text(text: str) -> None:
    """Any text is refused with our error, or has a stable form without `@` and blanks."""
    try:
        name = canonical_username(text)
    except InvalidUsername:
        return
    assert canonical_username(name) == name
    assert 1 <= len(name) <= MAX_LENGTH
    assert "@" not in name
    assert not any(unicodedata.category(character)[0] in "CZ" for character in name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("paypal", "p\u0430ypal"),  # Cyrillic a
        ("paypal", "paypa\u0131".replace("\u0131", "\u217c")),  # small roman numeral fifty
        ("ada", "\u0251da"),  # Latin alpha
        ("ohm", "\u03bfhm"),  # Greek omicron
        ("admin", "admi\u0307n"),  # a second dot above the i
        ("admin", "ADM\u0130N"),
    ],
)
def test_look_alikes(one: str, other: str) -> None:
    """User names that look alike have one key."""
    assert username_key(canonical_username(one)) == username_key(canonical_username(other))


@pytest.mark.parametrize(("one", "other"), [("ada", "adb"), ("bill", "bi11"), ("a.b", "ab")])
def test_different(one: str, other: str) -> None:
    """User names of ASCII that merely resemble each other have different keys."""
    assert username_key(one) != username_key(other)
