"""The Streamlit session that a WebSocket handshake asks for.

Streamlit's page names it in the third sub-protocol that it offers.
"""

from typing import Final

from starlette.datastructures import Headers
from starlette.types import Scope

_HEADER: Final = b"sec-websocket-protocol"


def session_asked_for(scope: Scope) -> str | None:
    """Return the Streamlit session that a handshake asks for, or None."""
    offered = _offers(scope)
    return offered[2] or None if len(offered) > 2 else None  # noqa: PLR2004


def with_session(scope: Scope, streamlit_session: str) -> Scope:
    """Return a handshake that asks for this Streamlit session."""
    return _offering(scope, [*_offers(scope)[:2], streamlit_session])


def without_session(scope: Scope) -> Scope:
    """Return a handshake that asks for a new Streamlit session."""
    return _offering(scope, _offers(scope)[:2])


def _offers(scope: Scope) -> list[str]:
    return [text.strip() for text in Headers(scope=scope).get(_HEADER.decode(), "").split(",")]


def _offering(scope: Scope, offers: list[str]) -> Scope:
    headers = [item for item in scope["headers"] if item[0].lower() != _HEADER]
    if any(offers):
        headers.append((_HEADER, ", ".join(offers).encode()))
    return {**scope, "headers": headers, "subprotocols": [offer for offer in offers if offer]}
