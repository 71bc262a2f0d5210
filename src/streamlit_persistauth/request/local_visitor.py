"""Recognises a visitor who uses the machine that serves the app, without a proxy in between."""

from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

import streamlit as st

from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.web.connections import HEADER

_OF_BROWSERS: Final = {
    *("accept", "accept-encoding", "accept-language", "cache-control", "connection", "cookie"),
    *("dnt", "host", "origin", "pragma", "priority", "save-data", "upgrade", "user-agent"),
    HEADER.lower(),
}
"""The headers of a WebSocket handshake from a browser, besides `Sec-*`.

This is a list of what is allowed, because proxies have many names for what they add.
"""


class Headers(Protocol):
    """The headers of a handshake; one name may have several values."""

    def __iter__(self) -> Iterator[str]: ...

    def get_all(self, key: str) -> Sequence[str]: ...


def is_direct(peer: str | None, headers: Headers) -> bool:
    """Return whether a browser on this machine has opened a connection, without a proxy.

    The peer has to be loopback. It is that of a proxy on this machine, too, so no header may be
    there that browsers do not send, and the names by which the browser knows the app (`Host`,
    `Origin`) have to be loopback as well. An SSH tunnel to this machine looks like a local browser.

    Args:
        peer: The address at the other end of the connection; None if it is unknown.
        headers: Of the handshake.
    """
    names = {name.lower() for name in headers}
    hosts, origins = headers.get_all("Host"), headers.get_all("Origin")
    return (
        peer is not None
        and _is_loopback(peer)
        and all(name in _OF_BROWSERS or name.startswith("sec-") for name in names)
        and len(hosts) == 1
        and all(map(_is_local_url, [f"//{hosts[0]}", *origins]))
    )


def is_published(settings: AuthSettings, option: Callable[[str], Any] = st.get_option) -> bool:
    """Return whether the settings, or the options of Streamlit, are those of a public app.

    Then there may be a proxy that cannot be recognised: one that adds no header and replaces the
    host by the loopback address. Behind it, Streamlit accepts pages of a host name only by these
    options.

    Args:
        settings: The settings of the app.
        option: Returns an option of Streamlit.
    """
    addresses = [
        str(settings.public_url or "//localhost"),
        f"//{option('browser.serverAddress') or 'localhost'}",
        *(option("server.corsAllowedOrigins") or ()),
    ]
    return (
        bool(settings.trusted_proxies)
        or not option("server.enableCORS")
        or not all(map(_is_local_url, addresses))
    )


def _is_local_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port  # the port is only checked
    except ValueError:
        return False
    return host == "localhost" or host.endswith(".localhost") or _is_loopback(host)


def _is_loopback(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return (getattr(parsed, "ipv4_mapped", None) or parsed).is_loopback
