"""The mail domains whose addresses may register."""

from dataclasses import dataclass
from typing import Final

from streamlit_persistauth.core.text.emails import canonical_email, validate
from streamlit_persistauth.errors import DomainNotAllowed


@dataclass(frozen=True, slots=True)
class MailDomains:
    """A list of mail domains; an empty one allows every domain.

    `example.org` allows this domain only, `.example.org` its subdomains too. Domains are compared
    in the ASCII form of IDNA 2008, so a domain that only looks the same is another one.

    Attributes:
        listed: The domains, as `canonical_domain` returns them.
    """

    listed: tuple[str, ...] = ()

    def require(self, email: str) -> None:
        """Refuse an address of another domain.

        Raises:
            InvalidEmail: The text is not an email address.
            DomainNotAllowed: Its domain is not in the list.
        """
        if self.listed and not self._allows(_ascii_domain(canonical_email(email))):
            raise DomainNotAllowed

    def _allows(self, domain: str) -> bool:
        return any(
            f".{domain}".endswith(one) if one.startswith(".") else domain == one
            for one in self.listed
        )


ANY_DOMAIN: Final = MailDomains()


def canonical_domain(text: str) -> str:
    """Return a mail domain, or a dot and a mail domain, in ASCII and lower case.

    Raises:
        ValueError: No email address can have this domain.
    """
    if text.startswith("."):
        return _ascii_domain(f"x@x{text}").removeprefix("x")
    return _ascii_domain(f"x@{text}")


def _ascii_domain(email: str) -> str:
    """Return the domain of an address in ASCII and lower case.

    Raises:
        ValueError: The text is not an email address.
    """
    return validate(email).ascii_domain.lower()
