"""Whether a page of the same origin caused a request (ASVS 3.5.1 and 3.5.3)."""

from typing import Final

from starlette.datastructures import Headers

SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
"""Methods that change nothing (RFC 9110 9.2.1)."""


def is_of_same_origin(headers: Headers) -> bool:
    """Return whether a page of the requested host sent these headers.

    A browser sends `Origin` with every method that is not safe and with every WebSocket handshake,
    and no script can set it. Headers without it are refused. The scheme is not compared: behind a
    proxy that ends TLS, the server does not know its own. `Sec-Fetch-Site` does, where it is sent.
    """
    host = headers.get("host")
    if not host or headers.get("origin") not in {f"http://{host}", f"https://{host}"}:
        return False
    return headers.get("sec-fetch-site", "same-origin") == "same-origin"
