"""How a sign-in is handed out to a browser; see `CredentialIssuer` in `caches/base.py`."""

from streamlit_persistauth.models import Credential, Session
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.wiring.services import Services


class NewCredential:
    """Hands out what is made when it is asked for."""

    def __init__(self, services: Services, session: Session, context: RequestContext) -> None:
        """Hand out this sign-in to this caller."""
        self._services = services
        self._session = session
        self._client = context.handshake.client

    def credential(self) -> Credential:
        """See `CredentialIssuer`."""
        return self._services.sessions.issue(self._session.id)

    def handoff_code(self, browser: str) -> str:
        """See `CredentialIssuer`."""
        session = self._session
        return self._services.sessions.hand_off(session.id, session.user_id, browser=browser)

    def url_token(self) -> str:
        """See `CredentialIssuer`."""
        return self._services.url_tokens.create(self._session, client=self._client)


class RenewedCredential:
    """Hands out a renewed credential, which is there already."""

    def __init__(self, credential: Credential) -> None:
        """Hand out this one."""
        self._credential = credential

    def credential(self) -> Credential:
        """See `CredentialIssuer`."""
        return self._credential

    def handoff_code(self, browser: str) -> str:
        """See `CredentialIssuer`."""
        raise NotImplementedError("a credential that is there already goes through no route")

    def url_token(self) -> str:
        """See `CredentialIssuer`."""
        raise NotImplementedError("a handle is followed by a handle, not by a credential")
