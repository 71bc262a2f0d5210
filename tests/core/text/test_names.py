import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlit_persistauth.core.text.names import MAX_LENGTH, clean_name
from streamlit_persistauth.errors import InvalidName


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Ada",
        "Søren Å. Ødegård",
        "山田太郎",
        "O'Brien-Smith",
        "<b>Ada</b>",
        "**Ada**",
        "x" * 200,
    ],
)
def test_names(name: str) -> None:
    """Any text that can be shown is a valid name, including markup."""
    assert clean_name(name) == name


def test_names_are_normalised() -> None:
    """A name is stored in NFC without surrounding whitespace."""
    assert clean_name(" Zoe\u0308\t") == "Zo\u00eb"


@given(st.text(max_size=220))
def test_any_name(text: str) -> None:
    """Any text is either rejected or stored in a stable form."""
    try:
        name = clean_name(text)
    except InvalidName:
        return
    assert clean_name(name) == name
    assert len(name) <= MAX_LENGTH
    kinds = {unicodedata.category(character) for character in name}
    assert kinds.isdisjoint({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})


@pytest.mark.parametrize(
    "name", ["x" * 201, "x" * 10_000, "a\nb", "a\0b", "a\x1bb", "a\ud800b", "a\u2028b", "a\ue000b"]
)
def test_names_refused(name: str) -> None:
    """A name that is too long or has control characters is rejected without repeating it."""
    with pytest.raises(InvalidName) as caught:
        clean_name(name)
    assert name not in str(caught.value)
