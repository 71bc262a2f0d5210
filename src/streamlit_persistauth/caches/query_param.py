"""The query-parameter cache: for hosts on which a browser can keep nothing else."""

from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from streamlit_persistauth.caches.base import (
    CacheCapabilities,
    CredentialIssuer,
    PresentedCredential,
)
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.sessions.url_tokens import LIFETIME
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import PageTask, UrlToken
from streamlit_persistauth.runtime.page_scripts import page_script
from streamlit_persistauth.runtime.script_run import in_page_run, set_query_param
from streamlit_persistauth.runtime.state_keys import widget_key

RENEWED_AFTER: Final = LIFETIME / 2
"""When a page that is in use gets a fresh handle."""


class QueryParamCache:
    """Keeps a single-use handle in the address of the page, never a credential.

    Whoever opens the address first is signed in, so it fails ASVS 14.2.1 by its nature. The
    handle that a page was opened with is spent by its first run and replaced by another.
    """

    def __init__(self, name: str, clock: Clock) -> None:
        """Use a query parameter of this name."""
        self._name = name
        self._clock = clock

    def capabilities(self, context: RequestContext) -> CacheCapabilities:  # noqa: ARG002 - the protocol's signature
        """See `CacheBackend.promise`."""
        return CacheCapabilities(persistent=True, http_only=False, round_trip=False)

    def read(self, context: RequestContext) -> tuple[PresentedCredential, ...]:
        """See `CacheBackend.read`. An address is read once on a connection.

        Streamlit's page goes on sending the parameters that it was opened with, so what has been
        read here is not read again.
        """
        visitor, connection_id = context.visitor, context.handshake.connection_id
        if connection_id in {None, visitor.address_read_on} or not in_page_run():
            return ()
        # In this order: Streamlit may break a run off where its parameters are read.
        text = st.query_params.get(self._name, "")
        visitor.address_read_on = connection_id
        spent = fingerprint(text)  # of a length, however long what somebody sends is
        if not text or spent in visitor.url_tokens_read:
            return ()
        visitor.url_tokens_read.add(spent)
        return (PresentedCredential(text, self, is_url_token=True),)

    def keep(self, issuer: CredentialIssuer, context: RequestContext) -> PageTask | None:
        """See `CacheBackend.keep`."""
        if context.handshake.connection_id is None:
            return None
        text = issuer.url_token()
        context.visitor.url_token = UrlToken(text, self._clock() + RENEWED_AFTER)
        return Address(self._name, text)

    def forget(self, context: RequestContext) -> PageTask | None:
        """See `CacheBackend.forget`."""
        context.visitor.url_token = None
        return Address(self._name)


@dataclass(slots=True)
class Address:
    """Have the page write a handle into its address, or without one take out what is there."""

    name: str
    text: str = field(default="", repr=False)
    sent: str | None = field(default=None, repr=False, init=False)

    @property
    def lasts(self) -> bool:
        """See `PageTask.lasts`."""
        return True

    def draw(self) -> bool:
        """See `PageTask.draw`. The entry of the history is replaced, so none is added.

        What the page sends with a run is what it was opened with, until Streamlit tells it
        otherwise. That adds no entry once the address is already so, which it is a run later.
        """
        sent = st.query_params.get(self.name, "")
        if sent != self.text and sent == self.sent:
            self._tell_page()
        set_query_param(self.name, self.text)
        page_script("caches/address.js")(
            data={"name": self.name, "text": self.text, "sent": sent},
            key=widget_key(f"persistauth:address:{self.name}"),
        )
        self.sent = sent
        return False

    def _tell_page(self) -> None:
        if self.text:
            st.query_params[self.name] = self.text
        else:
            del st.query_params[self.name]
