"""Implementations of `CredentialIssuer`: they make a credential when a cache asks for it."""

from dataclasses import dataclass, field

from streamlit_persistauth.models import Client, Credential, Session
from streamlit_persistauth.wiring.services import Services


@dataclass(frozen=True, slots=True)
class NewCredential:
    """Issues the credential of a session, for one client."""

    services: Services
    session: Session
    client: Client

    def credential(self) -> Credential:
        return self.services.sessions.issue(self.session.id)

    def handoff_code(self, browser: str) -> str:
        session = self.session
        return self.services.sessions.hand_off(session.id, session.user_id, browser=browser)

    def url_token(self) -> str:
        return self.services.url_tokens.create(self.session, client=self.client)


@dataclass(frozen=True, slots=True)
class RenewedCredential:
    """Passes on a renewed credential, which exists already."""

    renewed: Credential = field(repr=False)

    def credential(self) -> Credential:
        return self.renewed

    def handoff_code(self, browser: str) -> str:
        raise NotImplementedError("a renewed credential goes through no route")

    def url_token(self) -> str:
        raise NotImplementedError("a URL token is followed by a URL token, not by a credential")
