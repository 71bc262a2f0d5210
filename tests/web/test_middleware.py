import asyncio

import pytest
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.support.asgi import STREAM, Answer, open_socket, request
from tests.support.core_app import CoreApp

from streamlit_persistauth.web.connections import HEADER, Connection, Connections, connections
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.middleware import AuthMiddleware

OWN = {"Set-Cookie": "own=1", "Cache-Control": "no-cache"}
PAGE = {"Accept": "text/html,application/xhtml+xml"}


class Recorder:
    """An app that records what it gets."""

    def __init__(self, *, fails: bool = False) -> None:
        """Create an app; one that fails raises at each request."""
        self.scopes: list[Scope] = []
        self.open: list[Connection | None] = []
        self._fails = fails

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Respond with a text."""
        self.scopes.append(scope)
        self.open.append(connections.get(self.marks[-1] if self.marks else None))
        if self._fails:
            raise ZeroDivisionError
        if scope["type"] == "http":
            await PlainTextResponse("hello", headers=OWN)(scope, receive, send)

    @property
    def marks(self) -> list[str]:
        """The connection ids in the headers of the last scope."""
        name = HEADER.lower().encode()
        headers = self.scopes[-1].get("headers", [])
        return [value.decode() for key, value in headers if key.lower() == name]


def wrap(app: ASGIApp, base_path: str = "") -> AuthMiddleware:
    """Wrap an app in the middleware."""
    return AuthMiddleware(
        app, cookies=Cookies("persistauth"), sessions=CoreApp().sessions, base_path=base_path
    )


def ask(app: Recorder, method: str = "GET", **headers: str) -> Answer:
    """Request a document through the middleware."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return request(
        wrap(app),
        method,
        "/",
        headers=PAGE | named,
    )


def ours(answer: Answer) -> list[str]:
    """The cookies that the middleware added."""
    return [cookie for cookie in answer.cookies if cookie.startswith("persistauth_browser=")]


def test_new_browser() -> None:
    """A browser that requests a page gets its own secret; the app's cookies stay."""
    answer = ask(Recorder())
    (cookie,) = ours(answer)
    assert set(cookie.split("; ")[1:]) == {"Path=/", "HttpOnly", "SameSite=Lax"}
    assert len(cookie.partition("=")[2].partition(";")[0]) == 87
    assert "own=1" in answer.cookies
    assert answer.body == b"hello"


def test_shared_caches() -> None:
    """The response that sets a browser's cookie is stored by no cache; others are unchanged."""
    answer = ask(Recorder())
    assert [v for k, v in answer.headers if k.lower() == "cache-control"] == ["no-store"]
    known = ask(Recorder(), Cookie="persistauth_browser=x")
    assert [v for k, v in known.headers if k.lower() == "cache-control"] == ["no-cache"]


def test_each_browser_another() -> None:
    """No two browsers get the same secret."""
    assert ours(ask(Recorder())) != ours(ask(Recorder()))


def test_known_browser() -> None:
    """A browser that has its cookie keeps it."""
    assert ours(ask(Recorder(), cookie="persistauth_browser=x")) == []


def test_empty_cookie() -> None:
    """An empty cookie is replaced."""
    assert len(ours(ask(Recorder(), cookie="persistauth_browser="))) == 1


@pytest.mark.parametrize("accept", ["*/*", "image/png", "application/json", ""])
def test_only_documents(accept: str) -> None:
    """Scripts, images and the rest of a page set no cookie."""
    assert ours(ask(Recorder(), Accept=accept)) == []


@pytest.mark.parametrize("method", ["POST", "HEAD", "PUT"])
def test_only_get(method: str) -> None:
    """Other requests than GET set no cookie."""
    assert ours(ask(Recorder(), method)) == []


def test_secure() -> None:
    """On HTTPS, also behind a proxy, no neighbouring host can plant the browser's cookie."""
    proxied = ask(Recorder(), x_forwarded_proto="https")
    direct = request(
        wrap(Recorder()),
        "GET",
        "/",
        headers=PAGE,
        scheme="https",
    )
    planted = ask(Recorder(), x_forwarded_proto="https", cookie="persistauth_browser=x")
    for answer in (proxied, direct, planted):
        (cookie,) = set(answer.cookies) - {"own=1"}
        assert cookie.startswith("__Host-persistauth_browser=")
        assert set(cookie.split("; ")[1:]) == {"Path=/", "HttpOnly", "SameSite=Lax", "Secure"}
    known = ask(Recorder(), x_forwarded_proto="https", cookie="__Host-persistauth_browser=x")
    assert known.cookies == ["own=1"]


def test_other_scopes() -> None:
    """Other ASGI scopes pass unchanged."""
    app = Recorder()

    async def nothing(*_: object) -> None:
        """Do nothing."""

    scope = {"type": "lifespan"}
    asyncio.run(
        wrap(app)(scope, nothing, nothing)  # type: ignore[arg-type]
    )
    assert app.scopes == [scope]


def open_through(app: Recorder, *headers: tuple[str, str], root: str = "", base: str = "") -> None:
    """Open a WebSocket through the middleware."""
    middleware = wrap(app, base)
    open_socket(middleware, headers=headers, root=root)


def test_mark() -> None:
    """A connection is identified by a secret of this process for as long as it is open."""
    app = Recorder()
    open_through(app)
    (mark,) = app.marks
    assert len(mark) == 43
    assert app.open[0] is not None
    assert app.open[0].id == mark
    assert connections.get(mark) is None


def test_each_connection_another() -> None:
    """No two connections have the same mark."""
    app = Recorder()
    open_through(app)
    (first,) = app.marks
    open_through(app)
    assert app.marks != [first]


@pytest.mark.parametrize("name", [HEADER, HEADER.lower(), HEADER.upper()])
def test_forged_mark(name: str) -> None:
    """A client can't set our header, however often and in whatever case."""
    app = Recorder()
    open_through(app, (name, "forged"), ("Cookie", "a=b"), (name, "forged too"))
    assert len(app.marks) == 1
    assert "forged" not in app.marks[0]
    assert (b"cookie", b"a=b") in app.scopes[0]["headers"]


def test_mark_of_another_connection() -> None:
    """A client that knows another connection's mark does not become that connection."""
    victim = connections.open(base_path="")
    app = Recorder()
    open_through(app, (HEADER, victim.id))
    assert app.marks != [victim.id]
    assert connections.get(victim.id) is victim
    connections.close(victim)


def test_forgotten_after_a_fault() -> None:
    """A connection whose app fails is forgotten like any other."""
    app = Recorder(fails=True)
    with pytest.raises(ZeroDivisionError):
        open_through(app)
    assert app.open[0] is not None
    assert connections.get(app.marks[0]) is None


def test_scope_is_copied() -> None:
    """The scope that the server holds is not changed."""
    app = Recorder()
    original: list[tuple[bytes, bytes]] = [(b"cookie", b"a=b")]
    scope = {"type": "websocket", "path": STREAM, "headers": original, "root_path": ""}

    async def nothing(*_: object) -> None:
        """Do nothing."""

    asyncio.run(
        wrap(app)(scope, nothing, nothing)  # type: ignore[arg-type]
    )
    assert original == [(b"cookie", b"a=b")]


def test_base_path() -> None:
    """A connection knows the path before our routes: the mount and the base path."""
    app = Recorder()
    open_through(app, root="/mounted", base="/team")
    assert app.open[0] is not None
    assert app.open[0].base_path == "/mounted/team"


def test_unknown_ids() -> None:
    """An unknown id finds no connection."""
    fresh = Connections()
    for name in (None, "", "x"):
        assert fresh.get(name) is None


def test_closing_twice() -> None:
    """Closing a connection again does nothing."""
    fresh = Connections()
    connection = fresh.open(base_path="")
    fresh.close(connection)
    fresh.close(connection)
    assert fresh.get(connection.id) is None
