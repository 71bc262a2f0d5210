"""Which Streamlit session a WebSocket continues, and what replaces it when a sign-in is over."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

import pytest
from starlette.datastructures import Headers
from starlette.types import Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from tests.support.asgi import STREAM
from tests.support.core_app import CoreApp
from tests.support.raw import rerun

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.models import Session
from streamlit_persistauth.web import reconnection
from streamlit_persistauth.web.connections import HEADER, Connection, connections
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.messages import PageAddress
from streamlit_persistauth.web.middleware import AuthMiddleware
from streamlit_persistauth.web.owners import Owner, owners
from streamlit_persistauth.web.subprotocols import session_asked_for

BROWSER = "persistauth_browser=a-browser"
PAGE = rerun("case=a", page_hash="page")
ELSEWHERE = rerun("case=b", page_hash="another")
HEARTBEAT = BackMsg(app_heartbeat=True)
FRAGMENT = rerun("case=a", fragment="f", page_hash="page")
CONNECT = {"type": "websocket.connect"}
GONE = {"type": "websocket.disconnect", "code": 1000}


@dataclass
class Streamlit:
    """An app that records the messages of each connection.

    Attributes:
        on_message: Called with the connection and each message but the first.
    """

    on_message: Callable[[Connection], None] = lambda _connection: None
    scopes: list[Scope] = field(default_factory=list)
    heard: list[list[Message]] = field(default_factory=list)
    served: list[Connection] = field(default_factory=list)

    @property
    def asked_for(self) -> list[str | None]:
        """The Streamlit session that each handshake has asked for."""
        return [session_asked_for(scope) for scope in self.scopes]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection as Streamlit does."""
        served = connections.get(Headers(scope=scope).get(HEADER))
        assert served is not None
        self.scopes.append(scope)
        self.served.append(served)
        self.heard.append([await receive()])
        await send({"type": "websocket.accept", "subprotocol": "streamlit"})
        while self.heard[-1][-1]["type"] != "websocket.disconnect":
            self.heard[-1].append(await receive())
            self.on_message(served)
        await send({"type": "websocket.send", "bytes": b"late"})


@pytest.fixture
def core() -> CoreApp:
    """Sign-ins."""
    return CoreApp()


@pytest.fixture
def session(core: CoreApp) -> Session:
    """A sign-in that is valid."""
    return core.start(core.add_user())


@pytest.fixture(autouse=True)
def closed(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The Streamlit sessions that have been closed; all connections of a test are, in the end."""
    found, before = list[str](), len(connections)
    monkeypatch.setattr(reconnection, "close_streamlit_session", found.append)
    yield found
    assert len(connections) == before


def open_socket(
    core: CoreApp, app: Streamlit, *messages: BackMsg, cookie: str = "", asks_for: str = ""
) -> list[Message]:
    """Open a WebSocket and send messages; return what the browser is sent."""
    sent: list[Message] = []
    frames = [{"type": "websocket.receive", "bytes": m.SerializeToString()} for m in messages]
    waiting = iter([CONNECT, *frames, GONE])

    async def receive() -> Message:
        return next(waiting)

    async def send(message: Message) -> None:
        sent.append(message)

    offers = ["streamlit", "x", *([asks_for] if asks_for else [])]
    headers = [
        (b"cookie", cookie.encode()),
        (b"sec-websocket-protocol", ", ".join(offers).encode()),
    ]
    scope = {"type": "websocket", "path": STREAM, "headers": headers, "scheme": "ws"}
    guarded = AuthMiddleware(app, cookies=Cookies("persistauth"), sessions=core.sessions)

    async def serve() -> None:
        await guarded(scope, receive, send)

    serving: Awaitable[None] = serve()
    asyncio.run(serving)  # type: ignore[arg-type]
    return sent


def owned(session: Session, browser: str | None = "a-browser") -> str:
    """Return a Streamlit session that belongs to a sign-in."""
    name, page = new_id(), PageAddress()
    page.note(PAGE)
    owners.put(name, Owner(session.id, browser, page))
    return name


def is_clean_run(message: Message) -> bool:
    """Return whether a message asks for a clean run of the page above."""
    asked = BackMsg.FromString(message["bytes"])
    asked.rerun_script.ClearField("context_info")
    expected = BackMsg()
    expected.rerun_script.query_string = "case=a"
    expected.rerun_script.page_script_hash = "page"
    return bool(asked == expected)


def test_sign_in_ends(core: CoreApp, session: Session, closed: list[str]) -> None:
    """The app is disconnected, and connected again for a clean run; the browser notices neither."""
    name = new_id()

    def sign_in(connection: Connection) -> None:
        if len(app.served) == 1 and connection.session_id is None:
            connection.bind(session.id, name)
            core.sessions.end(session.id)

    app = Streamlit(sign_in)
    sent = open_socket(core, app, PAGE, FRAGMENT, PAGE, asks_for=name, cookie=BROWSER)
    assert app.asked_for == [name, None]
    first, second = app.heard
    assert [m["type"] for m in first] == [
        "websocket.connect",
        "websocket.receive",
        "websocket.disconnect",
    ]
    assert second[0] == CONNECT
    assert is_clean_run(second[1])
    assert second[2]["bytes"] == PAGE.SerializeToString()
    assert second[3] == GONE
    assert [m["type"] for m in sent] == ["websocket.accept", "websocket.send"]
    assert closed == [name]
    assert owners.living(name) is None
    former, present = app.served
    assert former is not present
    assert (present.session_id, present.browser) == (None, "a-browser")


def test_late_run(core: CoreApp, session: Session) -> None:
    """What a run of the former Streamlit session does with its connection changes nothing."""
    name = new_id()

    def late(connection: Connection) -> None:
        if len(app.served) == 1 and connection.session_id is None:
            connection.bind(session.id, name)
            core.sessions.end(session.id)
        elif len(app.served) > 1:
            app.served[0].bind(session.id, name)

    app = Streamlit(late)
    open_socket(core, app, PAGE, FRAGMENT, PAGE)
    assert app.served[1].session_id is None
    assert owners.get(name) is None


def test_changed_hands(core: CoreApp, session: Session, closed: list[str]) -> None:
    """A Streamlit session that belongs to another sign-in by now is not closed for the former."""
    name = new_id()

    def sign_in(connection: Connection) -> None:
        if connection.session_id is None and len(app.served) == 1:
            connection.bind(session.id, name)
            owners.put(name, Owner("of another connection", None))
            core.sessions.end(session.id)

    app = Streamlit(sign_in)
    open_socket(core, app, PAGE, FRAGMENT)
    assert len(app.served) == 2
    assert closed == []
    assert owners.living(name) == name


def test_comes_back(core: CoreApp, session: Session) -> None:
    """The owner's browser is bound to the sign-in before its first message passes."""
    name = owned(session)
    app = Streamlit()
    open_socket(core, app, FRAGMENT, asks_for=name, cookie=BROWSER)
    assert app.asked_for == [name]
    assert app.served[0].session_id == session.id
    assert app.heard[0][1]["bytes"] == FRAGMENT.SerializeToString()


def test_comes_back_after_the_end(core: CoreApp, session: Session, closed: list[str]) -> None:
    """A browser that comes back after the end gets a new Streamlit session and a clean run."""
    name = owned(session)
    core.sessions.end(session.id)
    app = Streamlit()
    open_socket(core, app, FRAGMENT, asks_for=name, cookie=BROWSER)
    assert app.asked_for == [None]
    assert app.heard[0][0] == CONNECT
    assert is_clean_run(app.heard[0][1])
    assert app.served[0].session_id is None
    assert closed == [name]


def test_comes_back_twice(core: CoreApp, session: Session) -> None:
    """A browser that loses its connection again before the page has run gets the run then."""
    name, app = owned(session), Streamlit()
    assert owners.retire(name, session.id)
    open_socket(core, app, FRAGMENT, asks_for=name, cookie=BROWSER)
    assert app.asked_for == [None]
    assert is_clean_run(app.heard[0][1])
    open_socket(core, app, PAGE, asks_for=name, cookie="persistauth_browser=another")
    assert app.heard[1][1]["bytes"] == PAGE.SerializeToString()


def test_comes_back_while_the_store_fails(core: CoreApp, session: Session) -> None:
    """While the store fails, the sign-in is kept, and only clean runs pass."""
    name = owned(session)
    core.tokens.reset(fail_at=0)
    app = Streamlit()
    open_socket(core, app, FRAGMENT, asks_for=name, cookie=BROWSER)
    assert app.asked_for == [name]
    assert app.served[0].session_id == session.id
    assert is_clean_run(app.heard[0][1])


@pytest.mark.parametrize("with_credential", [True, False])
def test_comes_back_before_the_change(
    core: CoreApp,
    session: Session,
    *,
    with_credential: bool,
) -> None:
    """While the browser's cookie is about to change, only the credential continues the sign-in."""
    credential = core.sessions.issue(session.id).text
    name, app = owned(session, None), Streamlit()
    cookie = f"{BROWSER}; persistauth={credential}" if with_credential else BROWSER
    open_socket(core, app, PAGE, asks_for=name, cookie=cookie)
    assert app.asked_for == [name if with_credential else None]
    assert app.served[0].session_id == (session.id if with_credential else None)


@pytest.mark.parametrize("cookie", ["", "persistauth_browser=another"])
def test_another_browser(core: CoreApp, session: Session, cookie: str) -> None:
    """Another browser gets a new Streamlit session."""
    app = Streamlit()
    open_socket(core, app, PAGE, asks_for=owned(session), cookie=cookie)
    assert app.asked_for == [None]
    assert app.served[0].session_id is None


def test_successor(core: CoreApp, session: Session) -> None:
    """A page that names a dead Streamlit session gets its successor."""
    first, second, third = owned(session), owned(session), new_id()
    for dead, present in ((first, second), (second, third)):
        assert owners.retire(dead, session.id)
        owners.replace(dead, present)
    owners.put(third, Owner(session.id, "a-browser"))
    app = Streamlit()
    open_socket(core, app, PAGE, asks_for=first, cookie=BROWSER)
    open_socket(core, app, PAGE, asks_for=first)
    assert app.asked_for == [third, None]


def test_successor_of_nobody(core: CoreApp, session: Session) -> None:
    """A successor without a sign-in is not continued under the dead one's name."""
    dead = owned(session)
    owners.retire(dead, session.id)
    owners.replace(dead, new_id())
    app = Streamlit()
    open_socket(core, app, PAGE, asks_for=dead, cookie=BROWSER)
    assert app.asked_for == [None]


def test_forgotten(core: CoreApp, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once an owner has been forgotten, only a Streamlit session with an owner is continued."""
    few = type(owners)(limit=1)
    monkeypatch.setattr(reconnection, "owners", few)
    app = Streamlit()
    open_socket(core, app, PAGE, asks_for="a-visitor")
    for name in ("first", "second"):
        few.put(name, Owner(session.id, "a-browser"))
        open_socket(core, app, PAGE, asks_for="first", cookie=BROWSER)
    open_socket(core, app, PAGE, asks_for="second", cookie=BROWSER)
    open_socket(core, app, PAGE, asks_for="a-visitor")
    assert app.asked_for == ["a-visitor", "first", None, "second", None]


def test_other_sockets(core: CoreApp) -> None:
    """A WebSocket of the app's own passes unchanged, except for a forged mark."""
    seen: list[tuple[Scope, object]] = []

    async def own(scope: Scope, receive: Receive, _send: Send) -> None:
        seen.append((scope, receive))

    async def nothing(*_: object) -> None:
        """Do nothing."""

    guarded = AuthMiddleware(own, cookies=Cookies("persistauth"), sessions=core.sessions)
    scope = {"type": "websocket", "path": "/own", "headers": [(HEADER.encode(), b"forged")]}
    asyncio.run(guarded(scope, nothing, nothing))  # type: ignore[arg-type]
    ((passed, receive),) = seen
    assert passed["headers"] == []
    assert receive is nothing


def test_could_not_be_wiped(core: CoreApp, session: Session, closed: list[str]) -> None:
    """A Streamlit session that could not be wiped is replaced, at the address of the next message.

    The user stays signed in there, and the page may still exchange its ticket.
    """
    name = new_id()

    def sign_in(connection: Connection) -> None:
        if len(app.served) == 1 and connection.session_id is None:
            connection.ticket = "ticket"
            connection.bind(session.id, name)
            connection.spoil(name)

    app = Streamlit(sign_in)
    open_socket(core, app, ELSEWHERE, HEARTBEAT, FRAGMENT)
    assert [message.get("bytes") for message in app.heard[0]] == [
        None,
        ELSEWHERE.SerializeToString(),
        HEARTBEAT.SerializeToString(),
        None,
    ]
    assert is_clean_run(app.heard[1][1])
    assert len(app.served) == 2
    assert app.served[1].session_id == session.id
    assert app.served[1].ticket == "ticket"
    assert closed == [name]
    assert owners.living(name) is None


def test_long_address() -> None:
    """A page with a very long address keeps the one before."""
    page = PageAddress()
    page.note(PAGE)
    page.note(rerun("q" * 20_000, page_hash="page"))
    assert is_clean_run({"bytes": page.clean_run()})


def test_handshake_that_fails(core: CoreApp, session: Session) -> None:
    """A connection is forgotten, even if the handshake fails."""
    vars(core.sessions)["peek"] = None
    with pytest.raises(TypeError):
        open_socket(core, Streamlit(), PAGE, asks_for=owned(session), cookie=BROWSER)
