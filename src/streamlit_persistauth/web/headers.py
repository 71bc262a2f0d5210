"""Headers by which a browser protects a page."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS: Final = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"strict-origin-when-cross-origin",
}


class HeaderMiddleware:
    """Adds headers to every response; existing ones stay as they are.

    - `X-Content-Type-Options: nosniff` (ASVS 3.4.4)
    - `Referrer-Policy: strict-origin-when-cross-origin` (ASVS 3.4.5)
    - `Content-Security-Policy: frame-ancestors ...` on documents (ASVS 3.4.6)
    - `Content-Security-Policy-Report-Only` on documents, where one is set
    """

    def __init__(self, app: ASGIApp, *, frame_ancestors: str, report_only: str = "") -> None:
        """Wrap an app.

        Args:
            app: The next ASGI application.
            frame_ancestors: The pages that may show the app in a frame: a source list of CSP.
            report_only: A policy that browsers report on and don't enforce.
        """
        self._app = app
        self._documents = {
            b"content-security-policy": f"frame-ancestors {frame_ancestors}".encode()
        }
        if report_only:
            self._documents[b"content-security-policy-report-only"] = report_only.encode()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = self._completed(list(message["headers"]))
            await send(message)

        await self._app(scope, receive, send_with_headers if scope["type"] == "http" else send)

    def _completed(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        there = {name.lower(): value for name, value in headers}
        is_document = there.get(b"content-type", b"").startswith(b"text/html")
        wanted = {**ALWAYS, **(self._documents if is_document else {})}
        return [*headers, *((name, value) for name, value in wanted.items() if name not in there)]
