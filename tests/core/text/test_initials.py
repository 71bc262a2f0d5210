import pytest

from streamlit_persistauth.core.text.initials import initials


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Ada Lovelace", "AL"),
        ("ada", "A"),
        ("Augusta Ada King Lovelace", "AL"),
        ("  (Bob)   'O'Brien' ", "BO"),
        ("R2 D2", "RD"),
        ("3 Musketeers", "3M"),
        ("émile zola", "ÉZ"),
        ("e\u0301mile", "E\u0301"),
        ("ßeta", "ß"),
        ("山田太郎", "山"),
        ("山田 太郎", "山"),
        ("김민준", "김"),
        ("अनिल कुमार", "अकु"),
        ("عادل حسن", "عح"),
        ("\u202eadA", "A"),
        ("😀 Ada 😀", "A"),
        ("A" + "\u0301" * 50 + " B", "A\u0301\u0301B"),
        ("", "G"),
        ("😀", "G"),
        ("* _ <b>", "B"),
        ("\u200f\u200e", "G"),
    ],
)
def test_initials(name: str, expected: str) -> None:
    """The first letters of the first and the last word, or of the address if there are none."""
    assert initials(name, "grace@example.com") == expected
