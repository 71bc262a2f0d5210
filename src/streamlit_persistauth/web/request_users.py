"""Who sent a request to a route, or to another program beside the app."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.sessions.sessions import Sessions, SignedIn
from streamlit_persistauth.core.throttle.client_ip import Network
from streamlit_persistauth.errors import InvalidToken
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.incoming import Incoming


@dataclass(frozen=True, eq=False, repr=False)
class RequestUsers:
    """Finds the user of a request by the cookie of the app."""

    sessions: Sessions
    cookies: Cookies
    events: Events
    _: KW_ONLY
    trusted_proxies: Sequence[Network]

    def find(self, request: Incoming, *, used: bool) -> SignedIn | None:
        """Return the session and user of a request, or None.

        A refused credential is recorded as an event with the address of the client, unless another
        app has made it. Of headers alone nothing is recorded, because they have no address.

        Args:
            request: The request.
            used: Whether it updates `last_used_at`.

        Raises:
            StoreError: The store did not answer.
        """
        if request.is_cross_site:
            return None
        try:
            credential = self._credential(request)
            if credential is None:
                return None
            client = request.client(self.trusted_proxies)
            return self.sessions.resume(credential, client=client, used=used)
        except InvalidToken as refusal:
            if request.is_scope and not refusal.foreign:
                self._record(refusal, request)
            return None

    def has_credential(self, request: Incoming) -> bool:
        """Return whether a request has a cookie of ours, valid or not."""
        return any(self._values(request))

    def _credential(self, request: Incoming) -> str | None:
        """Return the credential of a request, or None.

        Raises:
            InvalidToken: There are two. A neighbouring host may have planted one of them.
        """
        values = self._values(request)
        if len(values) > 1:
            raise InvalidToken("two cookies of one name")
        return values[0] or None if values else None

    def _values(self, request: Incoming) -> list[str]:
        return self.cookies.credential_values(request.cookie_header, secure=request.is_secure)

    def _record(self, refusal: InvalidToken, request: Incoming) -> None:
        client = request.client(self.trusted_proxies)
        self.events.record(EventType.TOKEN_REFUSED, client=client, reason=refusal.reason)
