"""The query-parameter cache, for hosts on which a browser can keep nothing else."""

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
from streamlit_persistauth.runtime.page_scripts import run_script
from streamlit_persistauth.runtime.script_run import in_page_run, set_query_param

RENEWED_AFTER: Final = LIFETIME / 2
"""The age at which a page in use gets a new URL token."""


@dataclass(frozen=True, slots=True)
class QueryParamCache:
    """Keeps a single-use URL token in the address of the page, never a credential.

    The first visitor who opens a copied address is signed in, so this fails ASVS 14.2.1 by design.
    The first run of a page spends the token that opened it, and replaces it by another.

    Attributes:
        name: The name of the query parameter.
        clock: Returns the current time.
    """

    name: str
    clock: Clock

    def capabilities(self, context: RequestContext) -> CacheCapabilities:  # noqa: ARG002 - the protocol's signature
        return CacheCapabilities(
            persistent=True, http_only=False, round_trip=False, in_address=True
        )

    def read(self, context: RequestContext) -> tuple[PresentedCredential, ...]:
        """Return the token of the address, once on a connection.

        The page sends the parameters that it was opened with again in later runs, so a token that
        was read here is not read again.
        """
        visitor, connection_id = context.visitor, context.handshake.connection_id
        if connection_id in {None, visitor.address_read_on} or not in_page_run():
            return ()
        # In this order: Streamlit may stop a run where its parameters are read.
        text = st.query_params.get(self.name, "")
        visitor.address_read_on = connection_id
        spent = fingerprint(text)  # has a fixed length, unlike what a client may send
        if not text or spent in visitor.url_tokens_read:
            return ()
        visitor.url_tokens_read.add(spent)
        return (PresentedCredential(text, self, is_url_token=True),)

    def keep(self, issuer: CredentialIssuer, context: RequestContext) -> PageTask | None:
        if context.handshake.connection_id is None:
            return None
        text = issuer.url_token()
        context.visitor.url_token = UrlToken(text, self.clock() + RENEWED_AFTER)
        return AddressTask(self.name, text)

    def forget(self, context: RequestContext) -> PageTask | None:
        context.visitor.url_token = None
        return AddressTask(self.name)


@dataclass(slots=True)
class AddressTask:
    """Has the page write a token into its address, or without a token remove the parameter.

    Attributes:
        name: The name of the query parameter.
        text: The token, or empty.
        sent: What the page sent with the last run.
    """

    name: str
    text: str = field(default="", repr=False)
    sent: str | None = field(default=None, repr=False, init=False)

    @property
    def lasts(self) -> bool:
        return True

    def draw(self) -> bool:
        """Replace the entry of the browser's history, so that none is added.

        The page sends the parameters that it was opened with until Streamlit tells it others. That
        adds no entry if the address has changed already, which is so one run later.
        """
        sent = st.query_params.get(self.name, "")
        if sent != self.text and sent == self.sent:
            self._tell_page()
        set_query_param(self.name, self.text)
        run_script(
            "address",
            {"name": self.name, "text": self.text, "sent": sent},
            key=f"persistauth:address:{self.name}",
        )
        self.sent = sent
        return False

    def _tell_page(self) -> None:
        if self.text:
            st.query_params[self.name] = self.text
        else:
            del st.query_params[self.name]
