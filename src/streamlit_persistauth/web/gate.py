"""What of one WebSocket's messages reaches the app."""

import asyncio
from typing import Protocol

from google.protobuf.message import DecodeError
from starlette.types import Message, Receive, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from streamlit_persistauth.web.connections import Connection


class IsLive(Protocol):
    """Tells whether a sign-in still counts; None where that can't be told."""

    async def __call__(self, session_id: str, *, used: bool) -> bool | None:
        """Answer, and note that it is used, if it is."""
        ...


class Gate:
    """Stands between a browser and Streamlit, on one connection.

    While nobody is signed in on it, all passes. While somebody is, a message that could run code
    of the app before a guard does - a fragment, a widget's callback, a deferred download - passes
    only if the sign-in still counts. When it has ended, one clean run is asked for in the
    browser's name, by which the page turns to the sign-in form; whatever else the page sends is
    dropped until then.
    """

    def __init__(
        self, connection: Connection, receive: Receive, send: Send, is_live: IsLive
    ) -> None:
        """Stand between these two."""
        self._connection = connection
        self._receive = receive
        self._send = send
        self._is_live = is_live
        self._reading: asyncio.Task[Message] | None = None
        self._ended: asyncio.Task[bool] | None = None
        self._last = BackMsg()
        self._last.rerun_script.SetInParent()
        self._seen_new_run = False
        self._is_sure = True

    async def receive(self) -> Message:
        """Return the next message for the app: the browser's, or ours."""
        while True:
            message = await self._next()
            if message is None:
                self._is_sure = True
                return self._lock()
            if await self._passes(message):
                return message
            if not self._connection.locked:
                return self._lock()

    async def send(self, message: Message) -> None:
        """Pass on what the app sends; after a clean run the browser's messages pass again."""
        if self._connection.locked:
            self._look_for_the_end(message)
        await self._send(message)

    def close(self) -> None:
        """Stop waiting."""
        for task in (self._reading, self._ended):
            if task is not None:
                task.cancel()

    async def _next(self) -> Message | None:
        """Return the browser's next message, or None when the sign-in has been found to be over."""
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._receive())
        if self._ended is None:
            self._ended = asyncio.ensure_future(self._connection.ended.wait())
        await asyncio.wait({self._reading, self._ended}, return_when=asyncio.FIRST_COMPLETED)
        if self._ended.done():
            self._ended = None
            self._connection.ended.clear()
            return None
        message = self._reading.result()
        self._reading = None
        return message

    async def _passes(self, message: Message) -> bool:
        """Return whether a message may reach the app."""
        data = message.get("bytes")
        if data is None or message["type"] != "websocket.receive":
            return True
        asked = self._remember(data)
        session_id = self._connection.session_id
        if session_id is None or asked is None:
            return True
        if self._connection.locked:
            return asked.app_heartbeat
        if is_harmless(asked):
            return True
        # What a page asks for by a timer is nobody's doing, and no use of the sign-in.
        by_itself = asked.rerun_script.is_auto_rerun
        live = await self._is_live(session_id, used=not by_itself)
        self._is_sure = live is not None
        return bool(live)

    def _remember(self, data: bytes) -> BackMsg | None:
        """Return what a message says, and remember where the page is."""
        try:
            asked: BackMsg = BackMsg.FromString(data)
        except DecodeError:
            return None
        if asked.HasField("rerun_script"):
            for name in ("query_string", "page_script_hash", "page_name"):
                setattr(self._last.rerun_script, name, getattr(asked.rerun_script, name))
            self._last.rerun_script.context_info.CopyFrom(asked.rerun_script.context_info)
        return asked

    def _lock(self) -> Message:
        """Return the message that asks for a clean run: no widget, no trigger, no fragment."""
        self._connection.locked = True
        self._seen_new_run = False
        return {"type": "websocket.receive", "bytes": self._last.SerializeToString()}

    def _look_for_the_end(self, message: Message) -> None:
        """Unlock after a run that no guard was part of: such a page holds nothing to protect.

        Where it can't be told whether the sign-in has ended, it is asked again at each message.
        """
        try:
            told = ForwardMsg.FromString(message.get("bytes") or b"")
        except DecodeError:
            return
        if told.HasField("new_session"):
            self._seen_new_run = True
        elif self._seen_new_run and _is_finished(told):
            self._connection.locked = False
            if self._is_sure:
                self._connection.unbind()


def _is_finished(told: ForwardMsg) -> bool:
    """Return whether a whole run has ended; one that was cut short made room for the clean one."""
    finished = told.HasField("script_finished")
    return finished and told.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY


def is_harmless(asked: BackMsg) -> bool:
    """Return whether a message runs nothing of the app before a guard does."""
    if not asked.HasField("rerun_script"):
        return asked.app_heartbeat
    run = asked.rerun_script
    return not run.fragment_id and not run.widget_states.widgets
