"""The protocol of caches: where a browser keeps the credential of its session."""

from dataclasses import dataclass, field
from typing import Protocol

from streamlit_persistauth.models import Credential
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import PageTask


class CredentialIssuer(Protocol):
    """Issues the credential of one session, in one of three forms."""

    def credential(self) -> Credential:
        """Return the credential itself, for a cache that writes it by script."""
        ...

    def handoff_code(self, browser: str) -> str:
        """Return a single-use code for which our route gives this browser the credential."""
        ...

    def url_token(self) -> str:
        """Return a single-use URL token, for a place that must never hold a credential."""
        ...


@dataclass(frozen=True, slots=True)
class CacheCapabilities:
    """What a cache can do in this deployment, with this browser.

    Attributes:
        persistent: The credential is kept across a refresh.
        http_only: No script in the page can read the credential.
        round_trip: The browser has to be asked for the credential, so it arrives one run late.
        blocked: The cache would be persistent, but this browser keeps nothing there.
        in_address: Only the address of the page holds a URL token, which expires half an hour after
            the page is closed.
    """

    persistent: bool
    http_only: bool
    round_trip: bool
    blocked: bool = False
    in_address: bool = False


@dataclass(frozen=True, slots=True)
class PresentedCredential:
    """A credential or URL token that the browser presents.

    Attributes:
        text: The credential, or the URL token.
        keeper: The cache that stores the renewed credential or the next URL token. None if our
            middleware does so when it serves the page.
        is_url_token: Whether it is a URL token.
    """

    text: str = field(repr=False)
    keeper: "CacheBackend | None"
    is_url_token: bool = False


class CacheBackend(Protocol):
    """Keeps the credential in one place of the browser."""

    def capabilities(self, context: RequestContext) -> CacheCapabilities:
        """Return what the cache can do here."""
        ...

    def read(self, context: RequestContext) -> tuple[PresentedCredential, ...]:
        """Return what the browser presents; usually one credential, or none.

        A cache that has to ask the browser draws an element for that, and notes it in
        `context.visitor.question`. The answer comes with a later run.

        Raises:
            InvalidToken: The browser presents more than it can have been given.
        """
        ...

    def keep(self, issuer: CredentialIssuer, context: RequestContext) -> PageTask | None:
        """Have the browser keep a credential.

        Returns:
            The task for the page, or None if this cache cannot keep it. Then `issuer` was not
            used.
        """
        ...

    def forget(self, context: RequestContext) -> PageTask | None:
        """Have the browser delete the credential.

        Returns:
            The task for the page, or None if there is nothing to do.
        """
        ...
