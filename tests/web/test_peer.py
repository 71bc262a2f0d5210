from dataclasses import dataclass

import pytest

from streamlit_persistauth.web.peer import UNIX_SOCKET, transport_peer


@dataclass
class Protocol:
    """Uvicorn's object for a connection."""

    client: object
    transport: object = None

    async def receive(self) -> None:
        """Stand for the `receive` of an application."""


@pytest.mark.parametrize(
    ("client", "peer"),
    [
        (("203.0.113.7", 4711), "203.0.113.7"),
        (None, UNIX_SOCKET),
        ((), None),
        ((4711,), None),
        ("203.0.113.7", None),
    ],
)
def test_peer(client: object, peer: str | None) -> None:
    """The address is read from uvicorn's own object; a Unix socket has none."""
    assert transport_peer(Protocol(client).receive) == peer


async def wrapped() -> None:
    """Stand for the `receive` of a middleware."""


@pytest.mark.parametrize("receive", [None, wrapped, "receive".upper])
def test_hidden(receive: object) -> None:
    """If a middleware wraps `receive`, the address is unknown."""
    assert transport_peer(receive) is None
