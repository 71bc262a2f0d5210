"""Which of one WebSocket's messages reach the app."""

import asyncio
from collections import deque
from collections.abc import Iterable
from enum import Enum, auto
from typing import Final, Protocol

from starlette.types import Message, Receive, Send
from streamlit.proto.BackMsg_pb2 import BackMsg

from streamlit_persistauth.runtime.streamlit_session import is_connected_with, offers_file
from streamlit_persistauth.web.connections import HEADER, Connection
from streamlit_persistauth.web.messages import (
    is_by_timer,
    is_clean_run,
    is_for_visitors,
    is_harmless,
    parse,
    session_told,
)
from streamlit_persistauth.web.owners import owners

NORMAL: Final = 1000
TOO_BIG: Final = 1009
"""The codes with which a WebSocket is closed (RFC 6455 7.4.1)."""
CHANGE_SECONDS: Final = 0.01
"""The time between two looks at a sign-in that a run is replacing; no thread waits for it."""


class IsLive(Protocol):
    """Returns whether a sign-in is valid; None where the store does not answer."""

    async def __call__(self, session_id: str, *, used: bool) -> bool | None:
        """Read the store; update `last_used_at` if it is used."""
        ...


class Verdict(Enum):
    """The decision about a message."""

    PASS = auto()
    DROP = auto()
    CLEAN_RUN = auto()
    """Replace it by a clean run."""
    END = auto()
    """Disconnect from Streamlit: the sign-in was revoked or has expired."""


class Inbox:
    """The messages of a browser, over all connections to Streamlit that its WebSocket has."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._reading: asyncio.Task[Message] | None = None

    async def next(self, interruption: asyncio.Event) -> Message | None:
        """Return the next message, or None if the interruption came first."""
        if self._reading is None:
            self._reading = asyncio.ensure_future(self._receive())
        interrupted = asyncio.ensure_future(interruption.wait())
        try:
            await asyncio.wait({self._reading, interrupted}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            interrupted.cancel()
        if interruption.is_set():
            return None
        message, self._reading = self._reading.result(), None
        return message

    def close(self) -> None:
        """Stop waiting for messages."""
        if self._reading is not None:
            self._reading.cancel()


class Gate:
    """Stands between a browser and one Streamlit session.

    While the connection stands for no sign-in, a visitor's messages pass. While it stands for
    one, the store is read before each message that could run code of the app. When that sign-in is
    revoked or expires, the gate disconnects from Streamlit: nothing more reaches the Streamlit
    session.
    """

    def __init__(
        self,
        connection: Connection,
        inbox: Inbox,
        send: Send,
        is_live: IsLive,
        *,
        max_bytes: int,
        opening: Iterable[Message] = (),
        follows: Connection | None = None,
    ) -> None:
        """Stand between these two.

        Args:
            connection: The connection to Streamlit.
            inbox: The browser's messages.
            send: Sends to the browser.
            is_live: Reads the store.
            max_bytes: The longest message that is read.
            opening: What Streamlit gets before the browser's messages.
            follows: The connection to Streamlit that this one replaces, if there was one.
        """
        self._connection = connection
        self._inbox = inbox
        self._send = send
        self._is_live = is_live
        self._max_bytes = max_bytes
        self._opening = deque(opening)
        self._follows = follows
        self._is_told = follows is None
        self._is_closed = False
        self._has_asked = False
        self.has_ended = False
        """Whether the browser needs another Streamlit session."""

    async def receive(self) -> Message:
        """Return the next message for the app."""
        if self._opening:
            return self._opening.popleft()
        while not self.has_ended:
            message = await self._inbox.next(self._connection.ended)
            if message is None:
                self.has_ended = self.has_ended or await self._is_over()
            elif message["type"] != "websocket.receive" or message.get("bytes") is None:
                return message
            elif len(message["bytes"]) > self._max_bytes:
                await self._refuse()
                break
            elif (passed := await self._filter(message["bytes"])) is not None:
                return {"type": "websocket.receive", "bytes": passed}
        return {"type": "websocket.disconnect", "code": TOO_BIG if self._is_closed else NORMAL}

    async def send(self, message: Message) -> None:
        """Pass on what the app sends, unless the browser must get nothing more of it."""
        if message["type"] == "websocket.accept":
            if self._follows is None:  # otherwise the browser's WebSocket is open already
                await self._send(message)
            return
        if self._is_out_of_place():
            self.has_ended = True
            self._connection.ended.set()
        if self.has_ended or self._is_closed:
            return
        if not self._is_told:
            self._note_session(message.get("bytes") or b"")
        await self._send(message)

    async def _refuse(self) -> None:
        """Close the WebSocket because a message is too long, as Streamlit does, and not read it."""
        self._is_closed = True
        await self._send({"type": "websocket.close", "code": TOO_BIG})

    async def _is_over(self) -> bool:
        """Return whether the sign-in of this connection is the one that was found to be over."""
        self._connection.ended.clear()
        await self._until_changed()
        return self._connection.ended_session == self._connection.session_id is not None

    async def _filter(self, data: bytes) -> bytes | None:
        """Return the message that reaches the app in place of this one; None for nothing."""
        asked = parse(data)
        if asked is None:
            return data
        self._connection.page.note(asked)
        verdict = await self._judge(asked)
        if verdict is Verdict.PASS:
            data = self._addressed(asked, data)
            return data if _is_for_its_own_file(asked) else None
        self.has_ended = verdict is Verdict.END
        return self._connection.page.clean_run() if verdict is Verdict.CLEAN_RUN else None

    async def _judge(self, asked: BackMsg) -> Verdict:
        """Return the decision about a message."""
        connection = self._connection
        while True:
            if self._is_out_of_place():
                return Verdict.END
            if is_harmless(asked):
                return Verdict.PASS
            if connection.spoiled:
                return Verdict.END
            session_id = connection.session_id
            if session_id is None:
                return self._judge_visitor(asked)
            # A message of a timer does not update `last_used_at`.
            live = await self._is_live(session_id, used=not is_by_timer(asked))
            await self._until_changed()
            if connection.session_id == session_id:
                break
        if live is None:
            return Verdict.PASS if is_clean_run(asked) else Verdict.CLEAN_RUN
        return Verdict.PASS if live else Verdict.END

    def _judge_visitor(self, asked: BackMsg) -> Verdict:
        """Return the decision about a message where no user is signed in.

        After a sign-out, a run has to wipe what the run that signed out may have registered since.
        A page that does not read the current user does not wipe, and gets another Streamlit
        session.
        """
        if not is_for_visitors(asked):
            return Verdict.DROP
        if self._connection.left is None or is_clean_run(asked):
            return Verdict.PASS
        had_asked, self._has_asked = self._has_asked, True
        return Verdict.END if had_asked else Verdict.CLEAN_RUN

    def _is_out_of_place(self) -> bool:
        """Return whether another browser has signed in on the Streamlit session meanwhile.

        A connection may take over the Streamlit session of a visitor while that visitor signs in.
        Or it has asked for that Streamlit session and got another one, while the visitor continues.
        """
        connection = self._connection
        if connection.was_bound or connection.streamlit_session is None:
            return False
        owner = owners.get(connection.streamlit_session)
        if owner is None:
            return False
        if owner.browser is None or owner.browser != connection.browser:
            return True
        if not is_connected_with(connection.streamlit_session, HEADER, connection.id):
            return True
        connection.continue_as(owner.session_id)
        return False

    async def _until_changed(self) -> None:
        """Wait for a run that is replacing the sign-in of this connection."""
        while self._connection.is_changing:  # noqa: ASYNC110 - it changes on another thread
            await asyncio.sleep(CHANGE_SECONDS)

    def _addressed(self, asked: BackMsg, data: bytes) -> bytes:
        """Return a message as the present Streamlit session expects it.

        A page continues to name the Streamlit session with which its WebSocket was opened.
        """
        present = self._connection.streamlit_session
        if not asked.HasField("backend_operation_request") or present is None:
            return data
        named = asked.backend_operation_request.session_id
        if named == present or owners.living(named) != present:
            return data
        asked.backend_operation_request.session_id = present
        return bytes(asked.SerializeToString())

    def _note_session(self, data: bytes) -> None:
        """Note which Streamlit session replaces a dead one."""
        found = session_told(data)
        if found is None:
            return
        self._is_told = True
        self._connection.streamlit_session = found
        if self._follows is not None and self._follows.streamlit_session is not None:
            owners.replace(self._follows.streamlit_session, found)


def _is_for_its_own_file(asked: BackMsg) -> bool:
    """Return whether a message requests no file that the page of another connection offers."""
    request = asked.backend_operation_request
    if request.WhichOneof("payload") != "deferred_file":
        return True
    # Streamlit refuses a request that names another Streamlit session than its own.
    return offers_file(request.session_id, request.deferred_file.file_id)
