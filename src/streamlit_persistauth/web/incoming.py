"""A request to any server, as far as it tells who sent it: headers, method, scheme, client."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import NoneType
from typing import Any, Final

from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request

from streamlit_persistauth.core.text.measure import MAX_AGENT, shorten
from streamlit_persistauth.core.throttle.client_ip import (
    LOOPBACK,
    Network,
    client_address,
    peer_before_uvicorn,
)
from streamlit_persistauth.errors import InvalidArgument
from streamlit_persistauth.models import Client
from streamlit_persistauth.web.peer import transport_peer
from streamlit_persistauth.web.request_cookies import is_https
from streamlit_persistauth.web.same_origin import SAFE_METHODS, is_of_same_origin

SCOPES: Final = frozenset({"http", "websocket"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """What a request says about its sender.

    Attributes:
        headers: Its headers.
        scheme: The scheme of the connection to this server; empty if unknown.
        method: Its method; empty for the handshake of a WebSocket, or if it is unknown.
        peer: The address at the other end of the connection; this machine's if unknown.
        is_scope: Whether all of it is known: it is not a mapping of headers alone.
    """

    headers: Headers
    scheme: str = ""
    method: str = ""
    peer: str = LOOPBACK
    is_scope: bool = False

    @classmethod
    def of(cls, source: object) -> "Incoming":
        """Read a request of Starlette or FastAPI, an ASGI scope, or a mapping of headers.

        Raises:
            InvalidArgument: It is something else.
        """
        real = transport_peer(source.receive) if isinstance(source, Request) else None
        if isinstance(source, HTTPConnection):
            source = source.scope
        if not isinstance(source, Mapping):
            raise InvalidArgument("request", "a request, an ASGI scope or headers are expected.")
        if not _is_scope(source):
            return cls(_headers(source.items()))
        headers = _headers(source.get("headers"))
        return cls(
            headers,
            scheme=_text(source.get("scheme")),
            # Of a WebSocket, a server may pass the method of its handshake, which is GET.
            method=_text(source.get("method")) if source["type"] == "http" else "",
            peer=real or peer_before_uvicorn(_peer(source.get("client")), _forwarded_for(headers)),
            is_scope=True,
        )

    @property
    def cookie_header(self) -> str:
        """All cookies, as sent."""
        return "; ".join(self.headers.getlist("cookie"))

    @property
    def is_secure(self) -> bool:
        """Whether the page is HTTPS, as far as this server can tell.

        The `Origin` tells it only if it is the requested host; that of another page may differ.
        """
        forwarded = self.headers.get("x-forwarded-proto", "")
        origin = self.headers.get("origin", "") if is_of_same_origin(self.headers) else ""
        return is_https({"Origin": origin, "X-Forwarded-Proto": forwarded}, self.scheme)

    @property
    def is_cross_site(self) -> bool:
        """Whether a page of another origin may have caused a request that changes something.

        It may have if the request has a method that is not safe, or opens a WebSocket, and does not
        come from a page of the same origin. Of headers alone, the method is unknown: a browser
        sends no `Origin` when a user follows a link, so headers without it pass.
        """
        if self.method in SAFE_METHODS:
            return False
        if not self.is_scope and "origin" not in self.headers:
            return False
        return not is_of_same_origin(self.headers)

    def client(self, trusted_proxies: Sequence[Network]) -> Client:
        """Return where the request comes from."""
        address = client_address(self.peer, _forwarded_for(self.headers), trusted_proxies)
        return Client(address, shorten(self.headers.get("user-agent", ""), MAX_AGENT) or None)


def _is_scope(source: Mapping[Any, Any]) -> bool:
    """Return whether a mapping is a scope; a client may send a header named `type`, as text."""
    headers = source.get("headers")
    return _text(source.get("type")) in SCOPES and not isinstance(headers, str | bytes | NoneType)


def _headers(pairs: object) -> Headers:
    """Return headers from pairs of texts or bytes; others are left out."""
    items = pairs if isinstance(pairs, Iterable) else ()
    raw = [
        (_bytes(pair[0]).lower(), _bytes(pair[1]))
        for pair in items
        if isinstance(pair, Sequence) and len(pair) == 2  # noqa: PLR2004 - a pair
    ]
    return Headers(raw=raw)


def _forwarded_for(headers: Headers) -> str:
    return ",".join(headers.getlist("x-forwarded-for"))


def _bytes(value: object) -> bytes:
    if isinstance(value, bytes):
        return value
    return value.encode("latin-1", "replace") if isinstance(value, str) else b""


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _peer(client: object) -> str:
    """Return the address in `scope["client"]`; this machine's for a Unix socket, which has none."""
    host = client[0] if isinstance(client, Sequence) and client else None
    return host if isinstance(host, str) and host else LOOPBACK
