"""The local-storage cache, for hosts on which no cookie reaches the app."""

from dataclasses import dataclass

from streamlit_persistauth.caches.base import (
    CacheCapabilities,
    CredentialIssuer,
    PresentedCredential,
)
from streamlit_persistauth.caches.script import Script, order
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import PageTask


@dataclass(frozen=True, slots=True)
class LocalStorageCache:
    """Keeps the credential in local storage, where every script of the page's origin can read it.

    The browser has to be asked for it, so it arrives one run late.

    Attributes:
        name: The name of the item.
        script: Reads the item.
    """

    name: str
    script: Script

    def capabilities(self, context: RequestContext) -> CacheCapabilities:
        question = context.visitor.question
        blocked = question is not None and not question.keeps_items
        return CacheCapabilities(
            persistent=not blocked, http_only=False, round_trip=True, blocked=blocked
        )

    def read(self, context: RequestContext) -> tuple[PresentedCredential, ...]:
        kept = self.script.ask(context)
        return (PresentedCredential(kept.item, self),) if kept and kept.item else ()

    def keep(self, issuer: CredentialIssuer, context: RequestContext) -> PageTask | None:
        if context.handshake.connection_id is None:
            return None
        credential = issuer.credential()
        until = int(credential.expires_at.timestamp() * 1000)
        return order("writeItem", {"name": self.name, "text": credential.text, "until": until})

    def forget(self, context: RequestContext) -> PageTask | None:  # noqa: ARG002 - the protocol's signature
        return order("removeItem", {"name": self.name})
