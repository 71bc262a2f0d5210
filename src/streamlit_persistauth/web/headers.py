"""Headers by which a browser protects a page, and keeps our scripts."""

import re
from collections.abc import Mapping
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamlit_persistauth.runtime.page_scripts import PROJECT

ALWAYS: Final = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"strict-origin-when-cross-origin",
}
_HASHED: Final = re.compile(
    rf"/_stcore/bidi-components/{PROJECT}\.\w+/\w+-[0-9a-f]{{8}}\.js$", re.ASCII
)
"""The path of one of our scripts whose name has a hash of its content."""
_FOREVER: Final = b"public, max-age=31536000, immutable"
_DOCUMENT: Final = re.compile(rb"[/+](x?html|xml|xsl)\b", re.IGNORECASE)
"""In the content type of what a browser shows as a document that can run scripts."""


class HeaderMiddleware:
    """Adds headers to every response; existing ones stay as they are.

    - `X-Content-Type-Options: nosniff` (ASVS 3.4.4)
    - `Referrer-Policy: strict-origin-when-cross-origin` (ASVS 3.4.5)
    - `Content-Security-Policy` on documents that can run scripts: HTML and XML, such as SVG
      (ASVS 3.4.3, 3.4.6)
    - `Content-Security-Policy-Report-Only` on documents, where one is set

    Browsers keep our own scripts as long as Streamlit's, by `Cache-Control`.
    """

    def __init__(self, app: ASGIApp, *, policy: str, report_only: str = "") -> None:
        """Wrap an app.

        Args:
            app: The next ASGI application.
            policy: The Content-Security-Policy of documents.
            report_only: A policy that browsers report on and don't enforce.
        """
        self._app = app
        self._documents = {b"content-security-policy": policy.encode()}
        if report_only:
            self._documents[b"content-security-policy-report-only"] = report_only.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._completed(scope, message)
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)

    def _completed(self, scope: Scope, start: Message) -> list[tuple[bytes, bytes]]:
        headers = list(start["headers"])
        there = {name.lower(): value for name, value in headers}
        if _is_our_script(scope, start, there):
            headers = [item for item in headers if item[0].lower() != b"cache-control"]
            headers.append((b"cache-control", _FOREVER))
        wanted = {**ALWAYS, **(self._documents if _is_document(scope, start, there) else {})}
        return [*headers, *((name, value) for name, value in wanted.items() if name not in there)]


def _is_our_script(scope: Scope, start: Message, headers: Mapping[bytes, bytes]) -> bool:
    """Return whether a response is one of our scripts, which every browser gets alike.

    Streamlit answers an unknown path with its page, and a page may set cookies. No cache may store
    those.
    """
    is_found = start["status"] == 200 and _HASHED.search(scope["path"])  # noqa: PLR2004 - OK
    is_script = b"javascript" in headers.get(b"content-type", b"")
    return bool(is_found) and is_script and b"set-cookie" not in headers


def asks_for_a_page(scope: Scope) -> bool:
    """Return whether a browser asks for a document, and not for a file of one."""
    accepted = Headers(scope=scope).get("accept", "")
    return scope["method"] == "GET" and "text/html" in accepted


def _is_document(scope: Scope, start: Message, headers: Mapping[bytes, bytes]) -> bool:
    """Return whether a response is a document, or tells that a stored one is still valid.

    The headers of the latter replace the stored ones, such as a former policy.
    """
    if start["status"] == 304:  # noqa: PLR2004 - Not Modified
        return asks_for_a_page(scope)
    return bool(_DOCUMENT.search(headers.get(b"content-type", b"")))
