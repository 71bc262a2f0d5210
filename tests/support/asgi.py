"""A client that talks ASGI to an app, with full control over each message.

Starlette's own test client needs one more package, and can send
neither two headers of one name nor a body in chunks without length.
"""

import asyncio
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.types import ASGIApp, Message, Scope

STREAM = "/_stcore/stream"
"""Where Streamlit's pages open their WebSocket."""
Headers = Mapping[str, str] | Iterable[tuple[str, str]]


@dataclass
class Answer:
    """What an app answered."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""

    def all(self, name: str) -> list[str]:
        """Return the values of a header."""
        return [value for key, value in self.headers if key == name]

    @property
    def cookies(self) -> list[str]:
        """The `Set-Cookie` headers."""
        return self.all("set-cookie")

    @property
    def json(self) -> Any:  # noqa: ANN401 - JSON
        """The body as JSON."""
        return json.loads(self.body)


def request(
    app: ASGIApp,
    method: str,
    path: str,
    *,
    headers: Headers = (),
    chunks: Iterable[bytes] = (b"",),
    scheme: str = "http",
    query: bytes = b"",
) -> Answer:
    """Send one request and return the answer."""
    answer = Answer()
    body: Iterator[bytes] = iter(chunks)
    pending = [next(body, b"")]

    async def receive() -> Message:
        if not pending:
            return {"type": "http.disconnect"}
        chunk = pending.pop()
        following = next(body, None)
        if following is not None:
            pending.append(following)
        return {"type": "http.request", "body": chunk, "more_body": following is not None}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = [(k.decode().lower(), v.decode()) for k, v in message["headers"]]
        else:
            answer.body += message.get("body", b"")

    scope = {**_scope("http", path, headers, scheme), "method": method, "query_string": query}
    asyncio.run(_run(app, scope, receive, send))
    return answer


def open_socket(app: ASGIApp, path: str = STREAM, *, headers: Headers = (), root: str = "") -> None:
    """Open a WebSocket that the client closes at once."""

    async def receive() -> Message:
        return {"type": "websocket.disconnect", "code": 1000}

    async def send(message: Message) -> None:
        """Receive what the app sends."""

    scope = {**_scope("websocket", path, headers, "ws"), "root_path": root, "subprotocols": []}
    asyncio.run(_run(app, scope, receive, send))


async def _run(app: ASGIApp, *arguments: Any) -> None:  # noqa: ANN401 - what ASGI takes
    await app(*arguments)


def _scope(kind: str, path: str, headers: Headers, scheme: str) -> Scope:
    pairs = headers.items() if isinstance(headers, Mapping) else headers
    return {
        "type": kind,
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "root_path": "",
        "headers": [(key.lower().encode(), value.encode("latin-1")) for key, value in pairs],
        "client": ("203.0.113.7", 50000),
        "server": ("app.example", 80),
    }
