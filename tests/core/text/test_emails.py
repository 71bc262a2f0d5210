import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamlit_persistauth.core.text.emails import MAX_LENGTH, canonical_email
from streamlit_persistauth.errors import InvalidEmail


@pytest.mark.parametrize(
    "text",
    [
        "ada@example.com",
        "ADA@EXAMPLE.COM",
        "  ada@example.com\t",
        "Ada@Example.Com\n",
    ],
)
def test_one_form(text: str) -> None:
    """Case and surrounding whitespace do not change an address."""
    assert canonical_email(text) == "ada@example.com"


def test_unicode_forms() -> None:
    """An address in decomposed characters is the same address."""
    assert canonical_email("zoe\u0308@example.com") == canonical_email("zo\u00eb@example.com")


def test_domain_forms() -> None:
    """A domain in Punycode equals the same domain in Unicode."""
    assert canonical_email("ada@xn--bcher-kva.example.com") == canonical_email(
        "ada@bücher.example.com"
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "ada",
        "@example.com",
        "ada@",
        "ada@example",
        "ada@@example.com",
        "a da@example.com",
        "ada@exam ple.com",
        "ada@example.com, bob@example.com",
        "Ada <ada@example.com>",
        "ada@example.com\nBcc: bob@example.com",
        "ada@example.com\r\nX: y",
        "ada\0@example.com",
        "ada@[127.0.0.1]",
        "ada@localhost",
        "a@" + "b" * MAX_LENGTH + ".com",
        "\ud800@example.com",
        "ada@example.com\u202e",
    ],
)
def test_refused(text: str) -> None:
    """An invalid address is rejected with one sentence that does not repeat it."""
    with pytest.raises(InvalidEmail) as caught:
        canonical_email(text)
    assert caught.value.message == "Please enter a valid email address."


@given(st.text() | st.emails())
def test_any_text(text: str) -> None:
    """Any text is rejected with our error, or has a stable canonical form."""
    try:
        form = canonical_email(text)
    except InvalidEmail:
        return
    assert canonical_email(form) == form
    assert len(form) <= MAX_LENGTH
