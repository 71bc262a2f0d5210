"""What the browser sent when it opened the connection that this run serves."""

import re
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from typing import Final
from weakref import WeakKeyDictionary

import streamlit as st

from streamlit_persistauth.core.text.languages import ENGLISH, matching
from streamlit_persistauth.core.text.measure import MAX_AGENT, shorten
from streamlit_persistauth.core.throttle.client_ip import (
    LOOPBACK,
    Network,
    client_address,
    peer_before_uvicorn,
)
from streamlit_persistauth.models import Client
from streamlit_persistauth.request.local_visitor import is_direct
from streamlit_persistauth.runtime.script_run import (
    connection_client,
    in_script_run,
    page_receive,
)
from streamlit_persistauth.web.browsers import browser_id
from streamlit_persistauth.web.connections import HEADER, Connection, connections
from streamlit_persistauth.web.cookies import Cookies, cookie_values
from streamlit_persistauth.web.peer import UNIX_SOCKET, transport_peer
from streamlit_persistauth.web.request_cookies import is_https

STREAMLIT_COOKIE: Final = "_streamlit_xsrf"
_MASKED: Final = re.compile(r"2\|((?:[0-9a-f]{2})+)\|((?:[0-9a-f]{2})+)\|\d+")
AGENT: Final = "agent"
"""The address of all programs that use Streamlit's agent API, which withholds the real one: they
share the tries of one address."""


@dataclass(frozen=True, slots=True)
class Handshake:
    """The WebSocket handshake of the current run. It stays as it was until a reload.

    Attributes:
        connection_id: Differs for every connection; None if the client is not a browser.
        served: The connection in our middleware; None without it.
        cookie_header: All cookies, as sent.
        secure: Whether the page is HTTPS.
        client: Where the connection comes from.
        direct: Whether a browser on this machine has opened it, without a proxy.
    """

    connection_id: str | None = field(repr=False)
    served: Connection | None
    cookie_header: str = field(repr=False)
    secure: bool
    client: Client
    direct: bool = False

    @classmethod
    def current(
        cls, trusted_proxies: Sequence[Network] = (), language: str | None = None
    ) -> "Handshake":
        """Return the handshake of this run's connection; outside a run there is none.

        It is read once for a connection, because each access to `st.context` copies all headers.

        Args:
            trusted_proxies: Networks whose `X-Forwarded-For` is trusted.
            language: The language of the page; None for the browser's.
        """
        if not in_script_run():
            return cls(None, None, "", secure=False, client=Client())
        connection, language = connection_client(), language or browser_language()
        if connection is None:
            return cls._read(trusted_proxies, language)
        known = _known.setdefault(connection, {})
        key = tuple(trusted_proxies), language
        handshake = known.get(key)
        if handshake is None:
            handshake = cls._read(trusted_proxies, language)
            if handshake.connection_id is not None:  # the headers of an agent change
                known[key] = handshake
        return handshake

    @classmethod
    def _read(cls, trusted_proxies: Sequence[Network], language: str) -> "Handshake":
        headers = st.context.headers
        served = connections.get(headers.get(HEADER))
        connection_id = served.id if served else _websocket_key(headers)
        peer = served.peer if served else transport_peer(page_receive())
        return cls(
            connection_id=connection_id,
            served=served,
            cookie_header="; ".join(headers.get_all("Cookie")),
            secure=is_https(headers),
            client=Client(
                ip_address=_address(trusted_proxies, peer),
                user_agent=shorten(headers.get("User-Agent", ""), MAX_AGENT) or None,
                language=language,
            ),
            direct=connection_id is not None and is_direct(peer, headers),
        )

    def browser(self, cookies: Cookies) -> str | None:
        """Return the secret that identifies the browser, or None.

        Under our middleware that is the lasting part of a cookie of its own. Without it, it is
        Streamlit's cookie against forged requests, which is as secret as a credential that a
        script has written.
        """
        header, served = self.cookie_header, self.served
        values = (
            cookies.browser_values(header) if served else cookie_values(header, STREAMLIT_COOKIE)
        )
        if len(values) != 1 or not values[0]:
            return None
        return browser_id(values[0]) if served else _unmasked(values[0])


_known: Final[WeakKeyDictionary[object, dict[Hashable, Handshake]]] = WeakKeyDictionary()
"""The handshakes of open connections, by what they were read with."""


def browser_language() -> str:
    """Return the supported language that matches the browser of this run best."""
    locale = st.context.locale
    return matching(locale) if isinstance(locale, str) else ENGLISH  # AppTest has a mock


def _websocket_key(headers: Mapping[str, str]) -> str | None:
    """Return the key of a WebSocket's handshake, or None if the client uses no WebSocket.

    A program that drives the app through Streamlit's agent API sets its own headers. It can't set
    these two: a server would treat the request as a WebSocket (RFC 6455 4.1).
    """
    upgrades = "upgrade" in headers.get("Connection", "").lower()
    if not upgrades or headers.get("Upgrade", "").lower() != "websocket":
        return None
    return headers.get("Sec-Websocket-Key")


def _unmasked(cookie: str) -> str:
    """Return the token in Streamlit's cookie, which is the same in all cookies of one browser.

    Streamlit masks it with other bytes in each cookie, as Tornado does: `2|<mask>|<token, each byte
    xor one of the mask>|<time>`, bytes in hexadecimal digits.
    """
    found = _MASKED.fullmatch(cookie)
    if found is None:
        return cookie
    mask, masked = map(bytes.fromhex, found.groups())
    return bytes(byte ^ key for byte, key in zip(masked, cycle(mask), strict=False)).hex()


def _address(trusted_proxies: Sequence[Network], peer: str | None) -> str | None:
    """Return the address of the client, or None in a test without a connection.

    Args:
        trusted_proxies: Networks whose `X-Forwarded-For` is trusted.
        peer: The address at the other end of the connection; None if it is unknown.
    """
    seen = st.context.ip_address
    if seen is not None and not isinstance(seen, str):  # AppTest has a mock
        return None
    if seen is None and _websocket_key(st.context.headers) is None:
        return AGENT
    forwarded = ",".join(st.context.headers.get_all("X-Forwarded-For"))
    if peer is None:
        peer = peer_before_uvicorn(seen or LOOPBACK, forwarded)
    elif peer == UNIX_SOCKET:
        peer = LOOPBACK
    return client_address(peer, forwarded, trusted_proxies)
