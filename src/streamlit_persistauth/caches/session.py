"""The session cache: nothing leaves the server."""

from streamlit_persistauth.caches.base import Grant, Presented, Promise
from streamlit_persistauth.caller import Caller
from streamlit_persistauth.visit import Errand


class SessionCache:
    """Keeps a sign-in for one Streamlit session: over reruns and pages, not over a refresh.

    Every sign-in is bound to its Streamlit session anyway, so there is nothing to add.
    """

    def promise(self, caller: Caller) -> Promise:  # noqa: ARG002 - the protocol's signature
        """See `CacheBackend.promise`."""
        return Promise(persistent=False, http_only=True, round_trip=False)

    def read(self, caller: Caller) -> tuple[Presented, ...]:  # noqa: ARG002
        """See `CacheBackend.read`."""
        return ()

    def keep(self, grant: Grant, caller: Caller) -> Errand | None:  # noqa: ARG002
        """See `CacheBackend.keep`."""
        return None

    def forget(self, caller: Caller) -> Errand | None:  # noqa: ARG002
        """See `CacheBackend.forget`."""
        return None
