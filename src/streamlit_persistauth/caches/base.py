"""The protocol of caches."""

from dataclasses import dataclass, field
from typing import Protocol

from streamlit_persistauth.models import Credential
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import PageTask


class CredentialIssuer(Protocol):
    """A sign-in that a browser may keep. Each method hands it out, in one of three ways."""

    def credential(self) -> Credential:
        """Make the credential itself, for a cache that writes it by script."""
        ...

    def handoff_code(self, browser: str) -> str:
        """Make a single-use code for which our route gives this browser the credential."""
        ...

    def url_token(self) -> str:
        """Make a single-use handle, for a place in which a credential must never stand."""
        ...


@dataclass(frozen=True, slots=True)
class CacheCapabilities:
    """What a cache can promise of what it keeps, in this deployment and for this browser.

    Attributes:
        persistent: It outlives the page: a refresh finds it again.
        http_only: No script in the page can read it.
        round_trip: The browser has to be asked for it, so it is known one run late.
        blocked: It would be persistent if this browser kept anything here.
    """

    persistent: bool
    http_only: bool
    round_trip: bool
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class PresentedCredential:
    """What a browser presents.

    Attributes:
        text: A credential, or a handle.
        keeper: The cache that writes what follows it: its successor, or the next handle. None
            where our middleware does that with the page.
        is_url_token: Whether it is a handle.
    """

    text: str = field(repr=False)
    keeper: "CacheBackend | None"
    is_url_token: bool = False


class CacheBackend(Protocol):
    """Keeps a credential in the browser, or in nothing."""

    def capabilities(self, context: RequestContext) -> CacheCapabilities:
        """Return what it can promise here."""
        ...

    def read(self, context: RequestContext) -> tuple[PresentedCredential, ...]:
        """Return what the browser presents; as a rule one credential, or none.

        A cache that has to ask the browser draws what does that, and notes it in
        `caller.visit.question`. The answer comes with another run.

        Raises:
            InvalidToken: It presents more than it can have been given.
        """
        ...

    def keep(self, issuer: CredentialIssuer, context: RequestContext) -> PageTask | None:
        """Have the browser keep a sign-in.

        Returns:
            What the page has to do for that, or None where this cache can't keep it. Then nothing
            has been taken from the grant.
        """
        ...

    def forget(self, context: RequestContext) -> PageTask | None:
        """Have the browser forget what it keeps.

        Returns:
            What the page has to do for that, or None where there is nothing to do.
        """
        ...
