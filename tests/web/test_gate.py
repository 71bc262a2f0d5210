"""Which messages pass a gate."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from threading import Event, Thread

import pytest
from starlette.types import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from tests.support.raw import rerun

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.web import gate
from streamlit_persistauth.web.connections import Connection
from streamlit_persistauth.web.gate import TOO_BIG, Gate, Inbox
from streamlit_persistauth.web.owners import Owner, owners

CLICK = rerun("case=a", states=[WidgetState(id="b", trigger_value=True)], page_hash="page")
FRAGMENT = rerun("case=a", fragment="f", page_hash="page")
CLEAN = rerun("case=a", page_hash="page")
OURS = BackMsg()
OURS.rerun_script.query_string, OURS.rerun_script.page_script_hash = "case=a", "page"
OURS.rerun_script.context_info.SetInParent()
HEARTBEAT = BackMsg(app_heartbeat=True)
STOP = BackMsg(stop_script=True)
OPERATIONS = BackMsg().backend_operation_request.DESCRIPTOR.oneofs_by_name["payload"]


def operation(name: str) -> BackMsg:
    """Return a request of a kind that this version of Streamlit may not know."""
    message = BackMsg()
    message.backend_operation_request.request_id = "1"
    if name in {field.name for field in OPERATIONS.fields}:
        getattr(message.backend_operation_request, name).SetInParent()
    return message


DOWNLOAD = operation("deferred_file")
ROWS = operation("dataframe_chunk")
UPLOAD = BackMsg()
UPLOAD.file_urls_request.request_id = "1"
RUN_ON_SAVE = BackMsg(set_run_on_save=True)
SKILLS = operation("install_skills")
NUDGE = operation("dismiss_skills_nudge")
HARMLESS = [HEARTBEAT, STOP]
RISKY = [CLICK, FRAGMENT, DOWNLOAD, UPLOAD, RUN_ON_SAVE]
if operation("none") != ROWS:
    RISKY.append(ROWS)
FOR_USERS = [
    BackMsg(clear_cache=True),
    BackMsg(load_git_info=True),
    BackMsg(debug_disconnect_websocket=True),
    BackMsg(debug_shutdown_runtime=True),
    SKILLS,
    NUDGE,
    operation("none"),
    BackMsg(),
]
LONGEST = 1000
TURNS = 50


@pytest.fixture(autouse=True)
def own_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page that requests a deferred file always offers it."""
    monkeypatch.setattr(gate, "offers_file", lambda *_: True)


class Browser:
    """Sends messages to a gate, and returns those that pass."""

    def __init__(self, live: bool | None = True, session_id: str | None = "s") -> None:  # noqa: FBT001, FBT002 - what the store says
        """Create a connection that stands for a sign-in, or for none."""
        self.live = live
        self.uses: list[bool] = []
        self.heard: list[Message] = []
        self.connection = Connection("id", "", session_id=session_id)
        self.waiting: asyncio.Queue[Message] = asyncio.Queue()
        self.inbox = Inbox(self.waiting.get)
        self.gate = Gate(self.connection, self.inbox, self._take, self._is_live, max_bytes=LONGEST)

    async def _take(self, message: Message) -> None:
        """Receive what the app sends."""
        self.heard.append(message)

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
        """Return what the app gets before it would have to wait, or is disconnected."""
        passed: list[BackMsg] = []
        while (message := await self.next()) is not None:
            if message["type"] == "websocket.disconnect":
                break
            passed.append(BackMsg.FromString(message["bytes"]))
        return passed

    async def next(self) -> Message | None:
        """Return what the app gets next, or None if it would have to wait for the browser.

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


@pytest.mark.parametrize("message", [*RISKY, CLEAN, *HARMLESS])
def test_visitor(message: BackMsg) -> None:
    """A visitor's messages pass: public pages and the sign-in form need them."""

    async def scene() -> None:
        assert await Browser(live=False, session_id=None).send(message) == [message]

    play(scene)


@pytest.mark.parametrize("message", FOR_USERS)
def test_for_users_only(message: BackMsg) -> None:
    """A message that affects more than the sender's page passes only while they are signed in."""

    async def scene() -> None:
        assert await Browser(session_id=None).send(message) == []
        assert await Browser().send(message) == [message]

    play(scene)


def test_every_kind_is_decided() -> None:
    """Each kind of message of this version of Streamlit is decided."""
    kinds = {field.name for field in BackMsg.DESCRIPTOR.oneofs_by_name["type"].fields}
    known = {message.WhichOneof("type") for message in (*RISKY, *HARMLESS, *FOR_USERS)}
    assert kinds <= known
    operations = {
        message.backend_operation_request.WhichOneof("payload")
        for message in (DOWNLOAD, ROWS, SKILLS, NUDGE)
    }
    assert {field.name for field in OPERATIONS.fields} <= operations


@pytest.mark.parametrize("message", [*RISKY, CLEAN, *HARMLESS])
def test_live(message: BackMsg) -> None:
    """While the sign-in is valid, all messages pass."""

    async def scene() -> None:
        assert await Browser().send(message) == [message]

    play(scene)


@pytest.mark.parametrize("message", [*RISKY, *FOR_USERS, CLEAN])
def test_ended(message: BackMsg) -> None:
    """Once the sign-in is invalid, the app is disconnected; it receives and sends nothing more."""

    async def scene() -> None:
        browser = Browser(live=False)
        assert await browser.send(*HARMLESS, message, *RISKY, CLEAN) == HARMLESS
        assert browser.gate.has_ended
        await browser.gate.send({"type": "websocket.send", "bytes": b"late"})
        assert browser.heard == []

    play(scene)


def test_found_out_by_the_watch() -> None:
    """An idle page's connection is closed; later messages of the page are left for the next one."""

    async def scene() -> None:
        browser = Browser()
        assert await browser.send(CLICK) == [CLICK]
        browser.connection.end("s")
        assert await browser.send(*RISKY) == []
        assert browser.gate.has_ended
        after = Gate(
            Connection("next", ""), browser.inbox, browser._take, browser._is_live, max_bytes=99
        )
        assert (await after.receive())["bytes"] == CLICK.SerializeToString()

    play(scene)


def test_watch_is_late() -> None:
    """The end of a former sign-in of the connection does not close it."""

    async def scene() -> None:
        for present in ("another", None):
            browser = Browser(session_id=present)
            browser.connection.end("s")
            assert await browser.send(CLICK) == [CLICK]
            assert not browser.gate.has_ended

    play(scene)


def test_signed_in_again_meanwhile() -> None:
    """A sign-in that a run replaces while the store is read does not close the connection."""

    async def scene() -> None:
        browser = Browser()
        asked: list[str] = []

        async def is_live(session_id: str, *, used: bool) -> bool:
            asked.append(session_id)
            browser.connection.session_id = "again"
            return session_id == "again"

        browser.gate._is_live = is_live
        assert await browser.send(CLICK) == [CLICK]
        assert asked == ["s", "again"]

    play(scene)


def test_signs_out_and_in_meanwhile() -> None:
    """While a run replaces the sign-in, neither a message nor the watch decides."""

    async def scene() -> None:
        browser = Browser(live=False)
        begun, finish = Event(), Event()

        def change() -> None:
            with browser.connection.change():
                begun.set()
                finish.wait()
                browser.live = True
                browser.connection.session_id = "again"

        changing = Thread(target=change)
        changing.start()
        begun.wait()
        browser.connection.end("s")
        browser.waiting.put_nowait(
            {"type": "websocket.receive", "bytes": CLICK.SerializeToString()}
        )
        receiving = asyncio.ensure_future(browser.gate.receive())
        for _ in range(TURNS):
            await asyncio.sleep(0)
        finish.set()
        assert (await receiving)["bytes"] == CLICK.SerializeToString()
        changing.join()

    play(scene)


def test_store_that_fails() -> None:
    """While the store fails, only clean runs pass."""

    async def scene() -> None:
        browser = Browser(live=None)
        assert await browser.send(CLEAN, *HARMLESS) == [CLEAN, *HARMLESS]
        for message in (*RISKY, *FOR_USERS):
            assert await browser.send(message) == [OURS]
        assert not browser.gate.has_ended
        browser.live = True
        assert await browser.send(FRAGMENT) == [FRAGMENT]

    play(scene)


def test_spoiled() -> None:
    """A Streamlit session that could not be wiped gets no more runs."""

    async def scene() -> None:
        browser = Browser(session_id=None)
        browser.connection.spoiled = True
        assert await browser.send(CLEAN) == []
        assert browser.gate.has_ended

    play(scene)


@pytest.mark.parametrize("browser", [None, "their-browser"])
def test_taken_up_before_the_sign_in(browser: str | None) -> None:
    """After a visitor signs in, a client that had taken over their session gets nothing."""

    async def scene() -> None:
        thieves = [Browser(session_id=None) for _ in range(2)]
        for thief in thieves:
            name = thief.connection.streamlit_session = new_id()
            thief.connection.browser = "another" if browser else None
            assert await thief.send(FRAGMENT) == [FRAGMENT]
            owners.put(name, Owner("s", browser))
        asks, listens = thieves
        assert await asks.send(FRAGMENT) == []
        await listens.gate.send({"type": "websocket.send", "bytes": b"inside"})
        assert await listens.rest() == []
        for thief in thieves:
            assert thief.gate.has_ended
            assert thief.heard == []

    play(scene)


@pytest.mark.parametrize("is_connected", [True, False])
def test_comes_back_while_signing_in(
    monkeypatch: pytest.MonkeyPatch,
    is_connected: bool,  # noqa: FBT001 - with that Streamlit session, not with another one
) -> None:
    """The visitor's own browser, connected to that Streamlit session, gets the sign-in."""
    monkeypatch.setattr(gate, "is_connected_with", lambda *_: is_connected)

    async def scene() -> None:
        browser = Browser(session_id=None)
        browser.connection.streamlit_session, browser.connection.browser = new_id(), "own"
        owners.put(browser.connection.streamlit_session, Owner("s", "own"))
        await browser.gate.send({"type": "websocket.send", "bytes": b"inside"})
        assert browser.gate.has_ended is not is_connected
        if not is_connected:
            assert browser.heard == []
            return
        assert len(browser.heard) == 1
        assert browser.connection.session_id == "s"
        assert await browser.send(FRAGMENT) == [FRAGMENT]
        assert browser.uses == [True]
        browser.connection.unbind()
        assert await browser.send(CLICK) == [CLICK]
        assert browser.uses == [True]

    play(scene)


@pytest.mark.parametrize("session_id", ["s", None])
def test_file_of_another_page(monkeypatch: pytest.MonkeyPatch, session_id: str | None) -> None:
    """A deferred file of another page is generated neither for a visitor nor for a user."""
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(gate, "offers_file", lambda *names: asked.append(names))

    async def scene() -> None:
        download = BackMsg.FromString(DOWNLOAD.SerializeToString())
        download.backend_operation_request.session_id = "page"
        download.backend_operation_request.deferred_file.file_id = "file"
        assert await Browser(session_id=session_id).send(download) == []
        assert asked == [("page", "file")]

    play(scene)


def test_run_that_goes_on_after_signing_out() -> None:
    """Only clean runs pass until what such a run has registered is wiped."""

    async def scene() -> None:
        browser = Browser()
        browser.connection.unbind(goes_on=True)
        browser.connection.unbind(goes_on=True)
        assert await browser.send(CLEAN, HEARTBEAT) == [CLEAN, HEARTBEAT]
        assert await browser.send(FRAGMENT) == [OURS]
        browser.connection.left = None
        assert await browser.send(FRAGMENT) == [FRAGMENT]
        browser.connection.left = "s"
        assert await browser.send(FRAGMENT) == []
        assert browser.gate.has_ended

    play(scene)


def test_nonsense() -> None:
    """A malformed message passes; Streamlit refuses it."""

    async def scene() -> None:
        browser = Browser(live=False)
        for odd in (
            {"type": "websocket.receive", "bytes": b"\xff\xff"},
            {"type": "websocket.receive", "text": "hello"},
            {"type": "websocket.disconnect", "code": 1000},
        ):
            await browser.waiting.put(odd)
            assert await browser.gate.receive() == odd

    play(scene)


@pytest.mark.parametrize("session_id", ["s", None])
def test_too_long(monkeypatch: pytest.MonkeyPatch, session_id: str | None) -> None:
    """A message too long for Streamlit is refused unread, and nothing is sent after that."""
    parsed: list[int] = []

    def parse(data: bytes) -> None:
        parsed.append(len(data))

    async def scene() -> None:
        monkeypatch.setattr(gate, "parse", parse)
        browser = Browser(session_id=session_id)
        for size in (LONGEST, LONGEST + 1):
            await browser.waiting.put({"type": "websocket.receive", "bytes": bytes(size)})
        assert len((await browser.gate.receive())["bytes"]) == LONGEST
        assert (await browser.gate.receive())["type"] == "websocket.disconnect"
        await browser.gate.send({"type": "websocket.send", "bytes": b"late"})
        assert browser.heard == [{"type": "websocket.close", "code": TOO_BIG}]
        assert not browser.gate.has_ended
        assert parsed == [LONGEST]

    play(scene)


def test_what_asks_by_itself_is_no_use() -> None:
    """A click updates `last_used_at`; a request of a timer does not."""

    async def scenario() -> list[bool]:
        browser = Browser()
        timer = BackMsg.FromString(FRAGMENT.SerializeToString())
        timer.rerun_script.is_auto_rerun = True
        assert await browser.send(CLICK, timer, FRAGMENT) == [CLICK, timer, FRAGMENT]
        return browser.uses

    assert asyncio.run(scenario()) == [True, False, True]


def test_page_that_names_the_dead() -> None:
    """A page names the Streamlit session it started with; its requests reach the one it has now."""

    async def scene() -> None:
        dead, present = new_id(), new_id()
        browser = Browser(session_id=None)
        owners.put(dead, Owner("s", None))
        assert owners.retire(dead, "s")
        former = Connection("former", "", streamlit_session=dead)
        browser.gate = Gate(
            browser.connection,
            browser.inbox,
            browser._take,
            browser._is_live,
            max_bytes=LONGEST,
            follows=former,
        )
        started = ForwardMsg()
        started.new_session.initialize.session_id = present
        for message in (ForwardMsg(), started):
            data = message.SerializeToString()
            await browser.gate.send({"type": "websocket.send", "bytes": data})
        for named, expected in ((dead, present), (present, present), ("other", "other")):
            asked = BackMsg.FromString(DOWNLOAD.SerializeToString())
            asked.backend_operation_request.session_id = named
            (passed,) = await browser.send(asked)
            assert passed.backend_operation_request.session_id == expected

    play(scene)
