"""The local-storage cache: for hosts on which no cookie reaches the app."""

from streamlit_persistauth.caches.base import (
    CacheCapabilities,
    CredentialIssuer,
    PresentedCredential,
)
from streamlit_persistauth.caches.script import Order, Script
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import PageTask


class LocalStorageCache:
    """Keeps the credential where every script of the page's origin can read it.

    The browser has to be asked for it, so it is known one run late.
    """

    def __init__(self, name: str, script: Script) -> None:
        """Use an item of this name."""
        self._name = name
        self._script = script

    def capabilities(self, context: RequestContext) -> CacheCapabilities:
        """See `CacheBackend.promise`."""
        question = context.visitor.question
        blocked = question is not None and not question.keeps_items
        return CacheCapabilities(
            persistent=not blocked, http_only=False, round_trip=True, blocked=blocked
        )

    def read(self, context: RequestContext) -> tuple[PresentedCredential, ...]:
        """See `CacheBackend.read`."""
        kept = self._script.ask(context)
        return (PresentedCredential(kept.item, self),) if kept and kept.item else ()

    def keep(self, issuer: CredentialIssuer, context: RequestContext) -> PageTask | None:
        """See `CacheBackend.keep`."""
        if context.handshake.connection_id is None:
            return None
        credential = issuer.credential()
        until = int(credential.expires_at.timestamp() * 1000)
        values: dict[str, str | int]
        values = {"name": self._name, "text": credential.text, "until": until}
        return Order("writeItem", values)

    def forget(self, context: RequestContext) -> PageTask | None:  # noqa: ARG002 - the protocol's signature
        """See `CacheBackend.forget`."""
        return Order("removeItem", {"name": self._name})
