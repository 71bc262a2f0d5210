"""Middlewares around those of the library, by which a test knows that a message is dealt with.

A client sends a heartbeat that carries a mark. The inner middleware, behind the library's, sees it
after all that the client has sent before. It waits until no script runs, asks Streamlit for
something harmless, and takes the answer out of what Streamlit sends: then all output of the runs is
sent, too. The outer middleware tells the client.
"""

import asyncio
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs

from google.protobuf.message import DecodeError
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from tests.support.machine.pauses import pauses

PATH: Final = "/probe"
NAME_HEADER: Final = "X-Probe-Connection"
ANSWER: Final = b"settled:"
TICK_SECONDS: Final = 0.005
TICKS: Final = 50
_SLOT: Final = "tests.probe"
_TAG: Final = b"\xc2\x3e"  # field 1000 with a length, which Streamlit does not know


def heartbeat(mark: str) -> bytes:
    """Return a heartbeat of Streamlit's protocol with a mark of fewer than 128 characters."""
    beat: bytes = BackMsg(app_heartbeat=True).SerializeToString()
    return beat + _TAG + bytes([len(mark)]) + mark.encode()


def _mark_of(data: bytes) -> str | None:
    start = heartbeat("")[:-1]
    return data[len(start) + 1 :].decode() if data.startswith(start) else None


@dataclass(eq=False)
class Line:
    """One WebSocket connection.

    Attributes:
        name: What the client calls it.
        send: Sends to the client, past the library.
        is_stale: Whether Streamlit hears it no more: another connection has its Streamlit session.
        closed: Set when the app is done with it.
    """

    name: str
    send: Send
    is_stale: bool = False
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, mark: str) -> None:
        """Tell the client that everything before a mark is dealt with."""
        await self.send({"type": "websocket.send", "bytes": ANSWER + mark.encode()})


_open: dict[str, Line] = {}
_awaited: dict[str, Line] = {}


class OuterProbe:
    """Knows the client's own connections, and takes orders of the test over HTTP."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap the library's middlewares."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection or request."""
        if scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
        elif scope["type"] == "http" and scope["path"] == PATH:
            done = await _obey(parse_qs(scope["query_string"].decode()))
            await PlainTextResponse(json.dumps(done))(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        line = Line(Headers(scope=scope).get(NAME_HEADER, ""), send)
        _open[line.name] = line
        try:
            await self._app({**scope, _SLOT: line}, receive, send)
        finally:
            del _open[line.name]
            line.closed.set()


async def _obey(order: dict[str, list[str]]) -> list[str]:
    """Do what the test asks for; return the Streamlit sessions of the runs that wait."""
    if "end" in order:
        pauses.end(int(order["end"][0]))
    if "closed" in order:
        line = _open.get(order["closed"][0])
        if line is not None:
            await line.closed.wait()
    await _until_quiet()
    return pauses.sessions()


class InnerProbe:
    """Sees what has passed the library in both directions."""

    def __init__(self, app: ASGIApp) -> None:
        """Wrap Streamlit."""
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection or request."""
        if scope["type"] != "websocket":
            await self._app(scope, receive, send)
            return
        line: Line = scope[_SLOT]
        line.is_stale = False
        await self._app(scope, _receiving(line, receive), _sending(send))


def _receiving(line: Line, receive: Receive) -> Receive:
    asked = ""

    async def probed() -> Message:
        nonlocal asked
        if asked in _awaited:
            await _give_up_waiting(asked)
        while True:
            message = await receive()
            mark = _mark_of(message.get("bytes") or b"")
            if mark is None:
                return message
            await _until_quiet()
            if not line.is_stale:
                asked = mark
                _awaited[mark] = line
                return {"type": "websocket.receive", "bytes": _harmless(mark)}
            await line.answer(mark)

    return probed


def _harmless(mark: str) -> bytes:
    """Return a message that Streamlit answers with the mark at once."""
    message = BackMsg()
    message.file_urls_request.request_id = mark
    data: bytes = message.SerializeToString()
    return data


async def _give_up_waiting(mark: str) -> None:
    """Answer in Streamlit's place where it ignores a connection, which can't be seen otherwise."""
    for _ in range(TICKS):
        await asyncio.sleep(TICK_SECONDS)
        if mark not in _awaited:
            return
    line = _awaited.pop(mark)
    line.is_stale = True
    await line.answer(mark)


def _sending(send: Send) -> Send:
    async def probed(message: Message) -> None:
        mark = _read(message).file_urls_response.response_id
        line = _awaited.pop(mark, None)
        if line is None:
            await send(message)
        else:
            await line.answer(mark)

    return probed


def _read(message: Message) -> ForwardMsg:
    try:
        told: ForwardMsg = ForwardMsg.FromString(message.get("bytes") or b"")
    except DecodeError:
        told = ForwardMsg()
    return told


async def _until_quiet() -> None:
    """Wait until no script runs, but for those that wait, and no deferred file is made."""
    while busy := _busy():
        await run_in_threadpool(busy[0].join, TICK_SECONDS)
    files = [task for task in asyncio.all_tasks() if task.get_name().startswith("backend_op_")]
    if files:
        await asyncio.wait(files)
        await _until_quiet()


def _busy() -> list[threading.Thread]:
    threads = [each for each in threading.enumerate() if each.name == "ScriptRunner.scriptThread"]
    return [thread for thread in threads if not pauses.has(thread)]


def probed(middleware: Callable[[], list[Middleware]]) -> list[Middleware]:
    """Return the library's middlewares with the probes around them."""
    return [Middleware(OuterProbe), *middleware(), Middleware(InnerProbe)]
