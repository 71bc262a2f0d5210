import pytest

from streamlit_persistauth.core.text.characters import (
    escape_invisible,
    is_visible,
    is_visible_or_format,
    replace_invisible,
)

INVISIBLE = {
    "escape": "\x1b",
    "NUL": "\0",
    "line feed": "\n",
    "C1 control": "\x9b",
    "line separator": "\u2028",
    "paragraph separator": "\u2029",
    "lone surrogate": "\ud800",
    "private use": "\ue000",
    "unassigned": "\u0378",
}
FORMAT = {"right-to-left override": "\u202e", "zero width space": "\u200b", "joiner": "\u200d"}


@pytest.mark.parametrize("character", ["a", " ", "\u00a0", "é", "\u0301", "字", "🙂", "-"])
def test_visible(character: str) -> None:
    """Letters, marks, spaces, punctuation and emoji are visible and stay as they are."""
    assert is_visible(character)
    assert is_visible_or_format(character)
    assert escape_invisible(character) == replace_invisible(character) == character


@pytest.mark.parametrize("character", INVISIBLE.values(), ids=INVISIBLE)
def test_invisible(character: str) -> None:
    """Control, surrogate, private-use, unassigned and separator characters are invisible."""
    assert not is_visible(character)
    assert not is_visible_or_format(character)


@pytest.mark.parametrize("character", FORMAT.values(), ids=FORMAT)
def test_format(character: str) -> None:
    """Format characters are invisible, but a name may contain them."""
    assert not is_visible(character)
    assert is_visible_or_format(character)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\nb\u2028c", r"a\nb\u2028c"),
        ("\u202eevil", r"\u202eevil"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_escaped(text: str, escaped: str) -> None:
    """An invisible character is written as Python writes it in a string."""
    assert escape_invisible(text) == escaped


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\0\x1b\u202eb", "a\ufffdb"),
        ("a\0b\0", "a\ufffdb\ufffd"),
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("\u200fabc", "\u200fabc"),
    ],
)
def test_replaced(text: str, shown: str) -> None:
    """A run of invisible characters becomes one U+FFFD; joiners and direction marks remain."""
    assert replace_invisible(text) == shown
