"""The session cache: nothing leaves the server."""

from streamlit_persistauth.caches.base import Grant
from streamlit_persistauth.handshake import Handshake
from streamlit_persistauth.visit import Errand


class SessionCache:
    """Keeps a sign-in for one Streamlit session: over reruns and pages, not over a refresh.

    Every sign-in is bound to its Streamlit session anyway, so there is nothing to add.
    """

    persistent = False

    def read(self, handshake: Handshake) -> str | None:  # noqa: ARG002 - the protocol's signature
        """See `CacheBackend.read`."""
        return None

    def keep(self, grant: Grant, handshake: Handshake) -> Errand | None:  # noqa: ARG002
        """See `CacheBackend.keep`."""
        return None

    def forget(self, handshake: Handshake) -> Errand | None:  # noqa: ARG002
        """See `CacheBackend.forget`."""
        return None
