"""The session cache: nothing leaves the server."""

from streamlit_persistauth.caches.base import (
    CacheCapabilities,
    CredentialIssuer,
    PresentedCredential,
)
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import PageTask


class SessionCache:
    """Keeps a sign-in for one Streamlit session: over reruns and pages, not over a refresh.

    Every sign-in is bound to its Streamlit session anyway, so there is nothing to add.
    """

    def capabilities(self, context: RequestContext) -> CacheCapabilities:  # noqa: ARG002 - the protocol's signature
        """See `CacheBackend.promise`."""
        return CacheCapabilities(persistent=False, http_only=True, round_trip=False)

    def read(self, context: RequestContext) -> tuple[PresentedCredential, ...]:  # noqa: ARG002
        """See `CacheBackend.read`."""
        return ()

    def keep(self, issuer: CredentialIssuer, context: RequestContext) -> PageTask | None:  # noqa: ARG002
        """See `CacheBackend.keep`."""
        return None

    def forget(self, context: RequestContext) -> PageTask | None:  # noqa: ARG002
        """See `CacheBackend.forget`."""
        return None
