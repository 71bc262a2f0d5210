"""What passes a gate, message by message."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import pytest
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from tests.support.raw import rerun

from streamlit_persistauth.web.connections import Connection
from streamlit_persistauth.web.gate import Gate

CLICK = rerun("case=a", states=[WidgetState(id="b", trigger_value=True)], page_hash="page")
FRAGMENT = rerun("case=a", fragment="f", page_hash="page")
CLEAN = rerun("case=a", page_hash="page")
OURS = BackMsg()
OURS.rerun_script.query_string, OURS.rerun_script.page_script_hash = "case=a", "page"
OURS.rerun_script.context_info.SetInParent()
HEARTBEAT = BackMsg(app_heartbeat=True)
DOWNLOAD = BackMsg()
DOWNLOAD.backend_operation_request.deferred_file.file_id = "file"
RISKY = [CLICK, FRAGMENT, DOWNLOAD]
TURNS = 50


def told(*messages: ForwardMsg) -> list[Message]:
    """Return what the app sends."""
    return [{"type": "websocket.send", "bytes": item.SerializeToString()} for item in messages]


STARTED = ForwardMsg()
STARTED.new_session.page_script_hash = "page"
FINISHED = ForwardMsg(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)
CUT_SHORT = ForwardMsg(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN)


class Browser:
    """Sends messages to a gate, and tells which of them come out."""

    def __init__(self, live: bool | None = True, session_id: str | None = "s") -> None:  # noqa: FBT001, FBT002 - what the store says
        """Have a connection that stands for a sign-in, or for none."""
        self.live = live
        self.uses: list[bool] = []
        self.connection = Connection("id", "", session_id=session_id)
        self.waiting: asyncio.Queue[Message] = asyncio.Queue()
        self.gate = Gate(self.connection, self.waiting.get, self._take, self._is_live)

    async def _take(self, _message: Message) -> None:
        """Receive what the app sends."""

    async def _is_live(self, session_id: str, *, used: bool) -> bool | None:
        self.uses.append(used)
        return self.live

    async def send(self, *messages: BackMsg) -> list[BackMsg]:
        """Send messages; return what the app gets before it would have to wait."""
        for message in messages:
            data = {"type": "websocket.receive", "bytes": message.SerializeToString()}
            self.waiting.put_nowait(data)
        return await self.rest()

    async def rest(self) -> list[BackMsg]:
        """Return what the app gets before it would have to wait."""
        passed: list[BackMsg] = []
        while (message := await self._next()) is not None:
            passed.append(BackMsg.FromString(message["bytes"]))
        return passed

    async def _next(self) -> Message | None:
        """Return what the app gets next, or None where it would have to wait for the browser.

        Nothing here waits for the world outside; so what is not there after some turns of the
        loop never comes.
        """
        receiving = asyncio.ensure_future(self.gate.receive())
        for _ in range(TURNS):
            await asyncio.sleep(0)
            if receiving.done():
                return receiving.result()
        receiving.cancel()
        with suppress(asyncio.CancelledError):
            await receiving
        return None


def play(scene: Callable[[], Awaitable[None]]) -> None:
    """Play a scene to its end."""
    asyncio.run(scene())  # type: ignore[arg-type]


@pytest.mark.parametrize("message", [*RISKY, CLEAN, HEARTBEAT])
def test_nobody_signed_in(message: BackMsg) -> None:
    """Where nobody is signed in all passes: the sign-in form needs it."""

    async def scene() -> None:
        assert await Browser(live=False, session_id=None).send(message) == [message]

    play(scene)


@pytest.mark.parametrize("message", [*RISKY, CLEAN, HEARTBEAT])
def test_live(message: BackMsg) -> None:
    """While the sign-in counts all passes."""

    async def scene() -> None:
        assert await Browser().send(message) == [message]

    play(scene)


@pytest.mark.parametrize("live", [False, None])
@pytest.mark.parametrize("message", RISKY)
def test_ended(message: BackMsg, live: bool | None) -> None:  # noqa: FBT001 - a parameter of pytest
    """In the place of what could run code one clean run is asked for; the rest is dropped."""

    async def scene() -> None:
        browser = Browser(live)
        assert await browser.send(CLEAN, message, *RISKY, HEARTBEAT) == [CLEAN, OURS, HEARTBEAT]

    play(scene)


def test_found_out_by_the_watch() -> None:
    """An idle page gets a clean run of where it is, and nothing else passes."""

    async def scene() -> None:
        browser = Browser()
        assert await browser.send(CLICK) == [CLICK]
        browser.connection.ended.set()
        assert await browser.rest() == [OURS]
        assert await browser.send(*RISKY) == []
        browser.connection.unbind()
        assert await browser.send(CLICK) == [CLICK]

    play(scene)


def test_page_without_a_guard() -> None:
    """After the clean run has ended the page of everybody goes on; one cut short does not count."""

    async def scene() -> None:
        browser = Browser(live=False)
        assert await browser.send(CLICK) == [OURS]
        for message in told(FINISHED, STARTED, CUT_SHORT):
            await browser.gate.send(message)
        assert await browser.send(CLICK) == []
        for message in told(STARTED, FINISHED):
            await browser.gate.send(message)
        assert await browser.send(CLICK) == [CLICK]

    play(scene)


def test_store_that_fails() -> None:
    """While it can't be told whether the sign-in counts, no message that could run code passes."""

    async def scene() -> None:
        browser = Browser(live=None)
        for _ in range(3):
            assert await browser.send(FRAGMENT) == [OURS]
            for message in told(STARTED, FINISHED):
                await browser.gate.send(message)
        browser.live = True
        assert await browser.send(FRAGMENT) == [FRAGMENT]

    play(scene)


def test_nonsense() -> None:
    """What is no message of Streamlit's is for Streamlit to refuse."""

    async def scene() -> None:
        browser = Browser(live=False)
        await browser.waiting.put({"type": "websocket.receive", "bytes": b"\xff\xff"})
        assert (await browser.gate.receive())["bytes"] == b"\xff\xff"
        await browser.waiting.put({"type": "websocket.disconnect", "code": 1000})
        assert (await browser.gate.receive())["type"] == "websocket.disconnect"

    play(scene)


def test_what_asks_by_itself_is_no_use() -> None:
    """A click is a use of the sign-in; what a page asks for by a timer is none."""

    async def scenario() -> list[bool]:
        browser = Browser()
        timer = BackMsg.FromString(FRAGMENT.SerializeToString())
        timer.rerun_script.is_auto_rerun = True
        assert await browser.send(CLICK, timer, FRAGMENT) == [CLICK, timer, FRAGMENT]
        return browser.uses

    assert asyncio.run(scenario()) == [True, False, True]
