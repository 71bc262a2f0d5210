import pytest
from tests.support.naughty import TEXTS

from streamlit_persistauth.ui.plain_text import LIMIT, Markdown, one_line, plain


@pytest.mark.parametrize("text", TEXTS)
def test_one_short_line(text: str) -> None:
    """Any text becomes one line of limited length that can be encoded."""
    for line in (one_line(text), one_line(text, limit=10)):
        assert len(line.splitlines()) <= 1
        assert len(line) <= LIMIT
        assert line == line.strip()
        line.encode()
    assert len(one_line(text, limit=10)) <= 10


def test_text_that_hides_nothing_is_left_as_it_is() -> None:
    """Names, addresses and emoji of several characters stay as they are."""
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
    """Control characters, direction overrides and lone surrogates become U+FFFD."""
    assert one_line("a\u202e\u2066b") == "a\ufffdb"
    assert one_line("a\x00b\u200bc\ud800d") == "a\ufffdb\ufffdc\ufffdd"


def test_shortened_with_an_ellipsis() -> None:
    """A text that is too long ends with an ellipsis; one that just fits does not."""
    assert one_line("abcdef", limit=6) == "abcdef"
    assert one_line("abcdefg", limit=6) == "abcde…"
    assert one_line("abcd efg", limit=6) == "abcd…"
    assert one_line("a" + " " * 1_000 + "b", limit=6) == "a…"


def test_ordinary_text_needs_no_escapes() -> None:
    """Common names have no escapes, because screen readers read the Markdown source of a label."""
    for text in ("Ada Lovelace", "O'Neil-Smith, Jr.", "Chrome 130 on macOS", "v1.2", "Note: x"):
        assert plain(text) == text


def test_text_from_right_to_left_is_isolated() -> None:
    """Right-to-left text is isolated and can't end its isolation."""
    assert plain("שלום") == "\u2068שלום\u2069"
    assert plain("ש\u2069ל") == "\u2068ש\ufffdל\u2069"
    assert "\u2068" not in plain("Ada")


def test_knows_its_own() -> None:
    """Escaped text has the type `Markdown`."""
    assert isinstance(plain("x"), Markdown)
