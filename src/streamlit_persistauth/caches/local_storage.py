"""The local-storage cache: for hosts on which no cookie reaches the app."""

from streamlit_persistauth.caches.base import Grant, Presented, Promise
from streamlit_persistauth.caches.script import Order, Script
from streamlit_persistauth.caller import Caller
from streamlit_persistauth.visit import Errand


class LocalStorageCache:
    """Keeps the credential where every script of the page's origin can read it.

    The browser has to be asked for it, so it is known one run late.
    """

    def __init__(self, name: str, script: Script) -> None:
        """Use an item of this name."""
        self._name = name
        self._script = script

    def promise(self, caller: Caller) -> Promise:
        """See `CacheBackend.promise`."""
        question = caller.visit.question
        blocked = question is not None and not question.keeps_items
        return Promise(persistent=not blocked, http_only=False, round_trip=True, blocked=blocked)

    def read(self, caller: Caller) -> tuple[Presented, ...]:
        """See `CacheBackend.read`."""
        kept = self._script.ask(caller)
        return (Presented(kept.item, self),) if kept and kept.item else ()

    def keep(self, grant: Grant, caller: Caller) -> Errand | None:
        """See `CacheBackend.keep`."""
        if caller.handshake.connection_id is None:
            return None
        credential = grant.credential()
        until = int(credential.expires_at.timestamp() * 1000)
        values: dict[str, str | int]
        values = {"name": self._name, "text": credential.text, "until": until}
        return Order("writeItem", values)

    def forget(self, caller: Caller) -> Errand | None:  # noqa: ARG002 - the protocol's signature
        """See `CacheBackend.forget`."""
        return Order("removeItem", {"name": self._name})
