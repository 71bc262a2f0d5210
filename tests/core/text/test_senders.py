import pytest

from streamlit_persistauth.core.text.senders import parse_sender

SENDERS = [
    ("app@example.com", "", "app@example.com"),
    ("app@localhost", "", "app@localhost"),
    ("<app@example.com>", "", "app@example.com"),
    ("Acme <app@example.com>", "Acme", "app@example.com"),
    ('"Acme Ltd" <no-reply@acme.org>', "Acme Ltd", "no-reply@acme.org"),
    (' "Acme, Ltd." <no-reply@acme.org> ', "Acme, Ltd.", "no-reply@acme.org"),
    ("Acme, Ltd. <no-reply@acme.org>", "Acme, Ltd.", "no-reply@acme.org"),
    ("Gr\u00fc\u00dfe <app@example.com>", "Gr\u00fc\u00dfe", "app@example.com"),
    ("\u682a\u5f0f\u4f1a\u793e<app@example.com>", "\u682a\u5f0f\u4f1a\u793e", "app@example.com"),
]
FAULTY = [
    "",
    "app",
    "@example.com",
    "app@",
    "a b@example.com",
    "a@example.com, b@example.com",
    "Acme <a@example.com>, <b@example.com>",
    "Acme <a@example.com> <b@example.com>",
    'Acme" <a@example.com>',
    '"Acme" Ltd" <a@example.com>',
    "Acme <a@example.com",
    "Acme a@example.com>",
    "Acme\r\nBcc: eve@example.com <a@example.com>",
    "a@example.com\nBcc: eve@example.com",
    "Acme\x00 <a@example.com>",
    "Acme\u2028 <a@example.com>",
    "Acme\u202e <a@example.com>",
    "Acme <a@exa\nmple.com>",
    "Acme" * 200 + " <a@example.com>",
]


@pytest.mark.parametrize(("text", "name", "address"), SENDERS)
def test_read(text: str, name: str, address: str) -> None:
    """An address is read with its display name, in quotes or not."""
    sender = parse_sender(text)
    assert (sender.display_name, sender.addr_spec) == (name, address)


@pytest.mark.parametrize("text", FAULTY)
def test_refused(text: str) -> None:
    """A text that is not exactly one sender in one line is refused."""
    with pytest.raises(ValueError, match="not a sender"):
        parse_sender(text)
