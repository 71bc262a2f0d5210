"""The session cache: the browser keeps nothing."""

from streamlit_persistauth.caches.base import (
    CacheCapabilities,
    CredentialIssuer,
    PresentedCredential,
)
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import PageTask


class SessionCache:
    """Keeps a session across reruns and pages, and not across a refresh.

    Each session is bound to its Streamlit session anyway, so there is nothing to do.
    """

    def capabilities(self, context: RequestContext) -> CacheCapabilities:  # noqa: ARG002 - the protocol's signature
        return CacheCapabilities(persistent=False, http_only=True, round_trip=False)

    def read(self, context: RequestContext) -> tuple[PresentedCredential, ...]:  # noqa: ARG002
        return ()

    def keep(self, issuer: CredentialIssuer, context: RequestContext) -> PageTask | None:  # noqa: ARG002
        return None

    def forget(self, context: RequestContext) -> PageTask | None:  # noqa: ARG002
        return None
