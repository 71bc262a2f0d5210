import pytest
from email_validator import EmailNotValidError

from streamlit_persistauth.core.text.mail_domains import MailDomains, canonical_domain
from streamlit_persistauth.errors import DomainNotAllowed, InvalidEmail

ALLOWED = [
    ("example.org", "ada@example.org"),
    ("example.org", " Ada@EXAMPLE.org "),
    ("EXAMPLE.org", "ada@example.org"),
    (".example.org", "ada@example.org"),
    (".example.org", "ada@a.b.example.org"),
    (".edu", "ada@uni.edu"),
    ("b\u00fccher.example.org", "ada@xn--bcher-kva.example.org"),
    ("xn--bcher-kva.example.org", "ada@b\u00fccher.example.org"),
    ("b\u00fccher.example.org", "ada@B\u00dcCHER.example.org"),
    ("b\u00fccher.example.org", "ada@bu\u0308cher.example.org"),
    ("example.org", "ada@example\u3002org"),
]
REFUSED = [
    ("example.org", "ada@example.com"),
    ("example.org", "ada@sub.example.org"),
    ("example.org", "ada@badexample.org"),
    ("example.org", "ada@example.org.evil.com"),
    (".example.org", "ada@badexample.org"),
    (".example.org", "ada@example.org.evil.com"),
    ("example.org", "ada@ex\u0430mple.org"),
    ("example.org", "example.org@evil.com"),
    ("example.org", '"ada@example.org"@evil.com'),
]


@pytest.mark.parametrize(("listed", "email"), ALLOWED)
def test_allowed(listed: str, email: str) -> None:
    """An address of a listed domain is accepted, however domain and address are written."""
    MailDomains((canonical_domain("other.com"), canonical_domain(listed))).require(email)


@pytest.mark.parametrize(("listed", "email"), REFUSED)
def test_refused(listed: str, email: str) -> None:
    """Another domain is refused, such as a subdomain or one that looks the same."""
    with pytest.raises(InvalidEmail):
        MailDomains((canonical_domain(listed),)).require(email)


def test_invalid_address() -> None:
    """A text that is not an address is reported as such, not as another domain."""
    with pytest.raises(InvalidEmail) as caught:
        MailDomains(("example.org",)).require("ada")
    assert not isinstance(caught.value, DomainNotAllowed)


def test_empty() -> None:
    """An empty list allows every domain."""
    MailDomains().require("ada@example.com")


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "..org", "org", "a b.org", "@example.org", "*.example.org", "x@example.org"),
        *("example.org.", "-a.org", "a" * 64 + ".org", "localhost", "example.local", "1.2.3.4"),
    ],
)
def test_no_domain(text: str) -> None:
    """A text that is the domain of no address is refused."""
    with pytest.raises(EmailNotValidError):
        canonical_domain(text)
