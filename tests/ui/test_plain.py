import pytest
from tests.support.naughty import TEXTS

from streamlit_persistauth.ui.plain import LIMIT, Markdown, one_line, plain


@pytest.mark.parametrize("text", TEXTS)
def test_one_short_line(text: str) -> None:
    """Whatever comes in, one line of limited length comes out, which any encoding can hold."""
    for line in (one_line(text), one_line(text, limit=10)):
        assert len(line.splitlines()) <= 1
        assert len(line) <= LIMIT
        assert line == line.strip()
        line.encode()
    assert len(one_line(text, limit=10)) <= 10


def test_text_that_hides_nothing_is_left_as_it_is() -> None:
    """Names and addresses of people lose nothing, and an emoji of several characters neither."""
    for text in (
        "1\u202f234",
        "Zoë O'Neil",
        "ada@example.com",
        "יעל",
        "नमस्ते",
        "👩‍👩‍👧",
        "2001:db8::1",
    ):
        assert one_line(text) == text


def test_what_nobody_sees_is_seen() -> None:
    """Control characters, overrides of direction and halves of a pair are shown as one sign."""
    assert one_line("a\u202e\u2066b") == "a\ufffdb"
    assert one_line("a\x00b\u200bc\ud800d") == "a\ufffdb\ufffdc\ufffdd"


def test_shortened_with_an_ellipsis() -> None:
    """A text that is too long ends with an ellipsis; one that just fits does not."""
    assert one_line("abcdef", limit=6) == "abcdef"
    assert one_line("abcdefg", limit=6) == "abcde…"
    assert one_line("abcd efg", limit=6) == "abcd…"
    assert one_line("a" + " " * 1_000 + "b", limit=6) == "a…"


def test_ordinary_text_needs_no_escapes() -> None:
    """What a screen reader is told of a label is its source, so there is little in it."""
    for text in ("Ada Lovelace", "O'Neil-Smith, Jr.", "Chrome 130 on macOS", "v1.2", "Note: x"):
        assert plain(text) == text


def test_text_from_right_to_left_is_isolated() -> None:
    """It moves nothing around it, and cannot end its isolation itself."""
    assert plain("שלום") == "\u2068שלום\u2069"
    assert plain("ש\u2069ל") == "\u2068ש\ufffdל\u2069"
    assert "\u2068" not in plain("Ada")


def test_knows_its_own() -> None:
    """What is ready for Markdown says so by its type."""
    assert isinstance(plain("x"), Markdown)
