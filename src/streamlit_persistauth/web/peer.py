"""The address at the other end of a connection, as the operating system knows it."""

from typing import Any, Final

UNIX_SOCKET: Final = "unix"
"""Stands for the address of a client that connects by a Unix socket of this machine."""
_UNKNOWN: Final = object()


def transport_peer(receive: object) -> str | None:
    """Return the address at the other end of a connection that uvicorn serves.

    uvicorn replaces `scope["client"]` by the address in `X-Forwarded-For`, for proxies that its own
    setting FORWARDED_ALLOW_IPS names; `*` names every client. Here PERSISTAUTH_TRUSTED_PROXIES
    alone decides which proxies are trusted. uvicorn has no public way to read the real address, so
    this reads it from the protocol object whose method `receive` is.

    Args:
        receive: The `receive` that the server has passed to the application.

    Returns:
        An address; `UNIX_SOCKET` for such a socket; None if another server, or a middleware
        that wraps `receive`, hides it.
    """
    protocol: Any = getattr(receive, "__self__", None)
    client = getattr(protocol, "client", _UNKNOWN)
    if client is None and hasattr(protocol, "transport"):
        return UNIX_SOCKET
    if isinstance(client, tuple) and client and isinstance(client[0], str):
        return client[0]
    return None
