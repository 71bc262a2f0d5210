"""`require_login` on endpoints of Starlette and FastAPI."""

import asyncio
import functools
import sys
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Body, Depends, FastAPI, HTTPException
from starlette.applications import Starlette
from starlette.endpoints import HTTPEndpoint
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Message, Scope
from starlette.websockets import WebSocket
from tests.support.asgi import Answer, request
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.failing import CANARY

from streamlit_persistauth import Authenticator, SignInRequired, StoreError, User
from streamlit_persistauth.core.sessions.key_strength import generate_key
from streamlit_persistauth.core.storage.queries import EventQuery
from streamlit_persistauth.models import NOBODY

HOST = "app.example"
HONEST = {"Host": HOST, "Origin": f"http://{HOST}"}
BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8", "Sec-Fetch-Mode": "navigate"}


@dataclass
class App:
    """An `Authenticator` with a user who is signed in.

    Attributes:
        auth: The `Authenticator`.
        user: The user.
        cookie: What the browser of the user sends.
    """

    auth: Authenticator
    user: User
    cookie: str

    def ask(self, app: ASGIApp, method: str = "GET", path: str = "/", **headers: str) -> Answer:
        """Send a request with the cookie, as a page of the same origin does."""
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        return request(app, method, path, headers={"Cookie": self.cookie, **HONEST, **named})

    def events(self) -> list[str]:
        """Return the types of the events, newest first."""
        found = self.auth._services.event_log.find(EventQuery())
        return [event.event_type for event in found]


def make(monkeypatch: pytest.MonkeyPatch, **settings: str) -> App:
    """Return an app with these settings."""
    for name, value in {
        "PERSISTAUTH_BCRYPT_ROUNDS": "4",
        "JWT_SECRET_KEY": generate_key(),
        **settings,
    }.items():
        monkeypatch.setenv(name, value)
    auth = Authenticator()
    user = auth.users.add(EMAIL, password=PASSWORD, roles="editor")
    services = auth._services
    owner = services.users.get(user.id)
    assert owner is not None
    session = services.sessions.start(owner, remember=True, client=NOBODY)
    return App(auth, user, f"persistauth={services.sessions.issue(session.id).text}")


@pytest.fixture
def app(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    """An app whose address is not known."""
    return make(monkeypatch)


def starlette_app(auth: Authenticator, **options: Any) -> Starlette:  # noqa: ANN401
    """Return an app with endpoints of each kind, all of which respond with the user's address."""

    @auth.require_login(**options)
    def plain(request: Request, user: User) -> Response:
        assert request.method
        return PlainTextResponse(user.email)

    @auth.require_login(**options)
    async def coroutine(request: Request, user: User) -> Response:
        assert request.method
        return PlainTextResponse(user.email)

    @auth.require_login(**options)
    async def without_user(request: Request) -> Response:
        found = auth.user_of(request)
        return PlainTextResponse(found.email if found else "")

    class Endpoint(HTTPEndpoint):
        @auth.require_login(**options)
        async def get(self, request: Request, user: User) -> Response:
            return PlainTextResponse(user.email)

        @auth.require_login(**options)
        def post(self, request: Request, user: User) -> Response:
            return PlainTextResponse(user.email)

    methods = ["GET", "POST"]
    return Starlette(
        routes=[
            Route("/plain", plain, methods=methods),
            Route("/coroutine", coroutine, methods=methods),
            Route("/without_user", without_user, methods=methods),
            Route("/class", Endpoint),
        ]
    )


def fastapi_app(auth: Authenticator, **options: Any) -> FastAPI:  # noqa: ANN401
    """Return the same in FastAPI."""
    app = FastAPI()
    router = APIRouter()

    @app.get("/plain")
    @app.post("/plain")
    @auth.require_login(**options)
    def plain(user: User) -> str:
        return user.email

    @app.get("/coroutine")
    @app.post("/coroutine")
    @auth.require_login(**options)
    async def coroutine(request: Request, user: User, page: int = 1) -> str:
        assert request.method
        assert page == 1
        return user.email

    @router.post("/body")
    @auth.require_login(**options)
    def body(user: User, text: Annotated["str", Body(embed=True)]) -> dict[str, str]:
        return {"email": user.email, "text": text}

    @router.get("/without_user")
    @router.post("/without_user")
    @auth.require_login(**options)
    async def without_user(request: Request) -> str:
        found = auth.user_of(request)
        return found.email if found else ""

    app.include_router(router)
    return app


MAKERS: dict[str, Callable[..., ASGIApp]] = {"starlette": starlette_app, "fastapi": fastapi_app}
PATHS = ["/plain", "/coroutine", "/without_user"]


@pytest.fixture(params=MAKERS)
def maker(request: pytest.FixtureRequest) -> Callable[..., ASGIApp]:
    """Makes the endpoints in Starlette or FastAPI."""
    return MAKERS[request.param]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_signed_in(app: App, maker: Callable[..., ASGIApp], path: str, method: str) -> None:
    """The endpoint runs, with the user of the request."""
    answer = app.ask(maker(app.auth), method, path)
    assert (answer.status, answer.body.decode().strip('"')) == (200, EMAIL)


@pytest.mark.parametrize("path", PATHS)
def test_signed_out(app: App, maker: Callable[..., ASGIApp], path: str) -> None:
    """Without a valid credential the answer is 401, which no cache stores."""
    endpoints = maker(app.auth)
    for cookie in ("", "persistauth=x", f"{app.cookie}x", f"{app.cookie}; persistauth=y"):
        for method in ("GET", "POST"):
            answer = app.ask(endpoints, method, path, cookie=cookie)
            assert answer.status == 401
            assert answer.json == {"code": "sign_in_required", "detail": "Please sign in first."}
            assert answer.all("cache-control") == ["no-store"]


Connection = Annotated[HTTPConnection, "the request"]


@pytest.mark.parametrize(
    "annotation",
    [HTTPConnection, "HTTPConnection", Connection, "Connection", "Annotated[HTTPConnection, 1]"],
)
def test_connection(app: App, annotation: object) -> None:
    """An endpoint that takes an `HTTPConnection` gets it, however it is annotated."""

    def endpoint(connection: Any, user: User) -> str:  # noqa: ANN401 - annotated below
        return f"{connection.url.path} {user.email}"

    endpoint.__annotations__["connection"] = annotation
    endpoints = FastAPI()
    endpoints.get("/")(app.auth.require_login()(endpoint))
    assert app.ask(endpoints).json == f"/ {EMAIL}"
    assert app.ask(endpoints, cookie="").status == 401


@pytest.mark.parametrize("annotation", [Annotated[Request, "the request"], "Annotated[Request, 1]"])
def test_annotated_request(app: App, annotation: object) -> None:
    """The same for a `Request`."""

    async def endpoint(request: Any, user: User) -> str:  # noqa: ANN401 - annotated below
        return f"{request.method} {user.email}"

    endpoint.__annotations__["request"] = annotation
    endpoints = FastAPI()
    endpoints.get("/")(app.auth.require_login()(endpoint))
    assert app.ask(endpoints).json == f"GET {EMAIL}"


def test_class(app: App) -> None:
    """Methods of a class are endpoints, too."""
    endpoints = starlette_app(app.auth)
    for method in ("GET", "POST"):
        assert app.ask(endpoints, method, "/class").body.decode() == EMAIL
        refused = app.ask(endpoints, method, "/class", cookie="")
        assert (refused.status, refused.json["code"]) == (401, "sign_in_required")


ENDINGS: dict[str, Callable[[App], object]] = {
    "signed out": lambda app: app.auth.users.sign_out(app.user),
    "disabled": lambda app: app.auth.users.disable(app.user),
    "deleted": lambda app: app.auth.users.delete(app.user),
    "revoked": lambda app: [
        app.auth.revoke_session(session.id) for session in app.auth.list_sessions(app.user.id)
    ],
}


@pytest.mark.parametrize("way", ENDINGS)
def test_ended(app: App, maker: Callable[..., ASGIApp], way: str) -> None:
    """The next request after the end of a sign-in is refused, and recorded."""
    endpoints = maker(app.auth)
    assert app.ask(endpoints, path="/plain").status == 200
    ENDINGS[way](app)
    assert app.ask(endpoints, path="/plain").status == 401
    assert app.events()[0] == "token_refused"


@pytest.mark.parametrize("path", PATHS)
def test_cross_site(app: App, maker: Callable[..., ASGIApp], path: str) -> None:
    """A POST that a page of another origin has sent is refused, and the endpoint does not run."""
    endpoints = maker(app.auth)
    for origin in ("https://evil.example", "null", ""):
        answer = app.ask(endpoints, "POST", path, origin=origin)
        assert (answer.status, answer.json["code"]) == (403, "cross_site")
    assert app.ask(endpoints, "POST", path, origin="null", cookie="").status == 401
    assert app.ask(endpoints, "GET", path, origin="https://evil.example").status == 200


def test_roles(app: App, maker: Callable[..., ASGIApp]) -> None:
    """Without the role the answer is 403, and an event names the role."""
    assert app.ask(maker(app.auth, roles=["editor", "admin"]), path="/plain").status == 200
    for roles in (["admin"], [], ["Editor"]):
        answer = app.ask(maker(app.auth, roles=roles), path="/coroutine")
        assert (answer.status, answer.json["code"]) == (403, "not_allowed")
    assert app.events()[:3] == ["access_denied"] * 3


def test_max_age(app: App, maker: Callable[..., ASGIApp]) -> None:
    """A password that was verified too long ago is 401."""
    assert app.ask(maker(app.auth, max_age=3600), path="/plain").status == 200
    assert app.ask(maker(app.auth, max_age=0), path="/plain").status == 401


def test_store_that_fails(
    app: App, maker: Callable[..., ASGIApp], monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the store fails, the answer is 503, which reveals nothing of the fault."""

    def fail(*_args: object, **_options: object) -> None:
        raise StoreError("Sign-in is unavailable right now. Please try again later.") from (
            RuntimeError(CANARY)
        )

    monkeypatch.setattr(type(app.auth._services.sessions), "resume", fail)
    answer = app.ask(maker(app.auth), path="/coroutine")
    assert (answer.status, answer.json["code"]) == (503, "store_unavailable")
    assert b"canary" not in answer.body


@pytest.fixture
def readers(app: App, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The threads that have read the store."""
    threads: list[int] = []
    sessions = type(app.auth._services.sessions)
    resume = sessions.resume

    def noted(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - those of `resume`
        threads.append(threading.get_ident())
        return resume(*args, **options)

    monkeypatch.setattr(sessions, "resume", noted)
    return threads


def test_blocks_no_event_loop(app: App, readers: list[int]) -> None:
    """The store is read on another thread than the one that runs a coroutine."""

    @app.auth.require_login()
    async def endpoint(request: Request) -> Response:
        readers.append(threading.get_ident())
        return PlainTextResponse(request.method)

    assert app.ask(Starlette(routes=[Route("/", endpoint)])).status == 200
    assert len(set(readers)) == 2


class Greeting:
    """A callable object, whose call is a coroutine."""

    async def __call__(self, user: User) -> str:
        return user.email


@pytest.mark.parametrize("kind", ["generator", "coroutine", "object", "dependency", "twice"])
def test_blocks_no_event_loop_of_fastapi(app: App, readers: list[int], kind: str) -> None:
    """The same for generators, which FastAPI calls on the event loop, and for callable objects."""
    guard = app.auth.require_login()

    def generator(user: User) -> Iterator[str]:
        yield user.email

    async def coroutine(user: User) -> AsyncIterator[str]:
        yield user.email

    def root(email: Annotated[str, Depends(guard(generator))]) -> str:
        return email

    endpoints = FastAPI()
    makers: dict[str, Callable[[], Callable[..., Any]]] = {
        "generator": lambda: guard(generator),
        "coroutine": lambda: guard(coroutine),
        "object": lambda: guard(Greeting()),
        "dependency": lambda: root,
        "twice": lambda: guard(app.auth.require_login(roles=["editor"])(coroutine)),
    }
    endpoints.get("/")(makers[kind]())
    assert app.ask(endpoints).json == EMAIL
    assert threading.get_ident() not in readers
    assert len(readers) == (2 if kind == "twice" else 1)
    assert app.ask(endpoints, cookie="").status == 401
    assert b"persistauth" not in app.ask(endpoints, path="/openapi.json").body


# Redirects


def test_decorated_coroutine_of_fastapi(app: App, readers: list[int]) -> None:
    """A plain decorator around a coroutine function is an endpoint that FastAPI awaits."""

    async def endpoint(user: User) -> str:
        return user.email

    @functools.wraps(endpoint)
    def decorated(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - those of the endpoint
        return endpoint(*args, **kwargs)

    endpoints = FastAPI()
    endpoints.get("/")(app.auth.require_login()(decorated))
    assert app.ask(endpoints).json == EMAIL
    assert readers
    assert threading.get_ident() not in readers
    assert app.ask(endpoints, cookie="").status == 401


def test_redirect(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser that opens a page is sent to the app; a script of a page gets 401."""
    app = make(monkeypatch, PERSISTAUTH_PUBLIC_URL="https://app.example/team/")
    for maker in MAKERS.values():
        endpoints = maker(app.auth)
        answer = app.ask(endpoints, path="/plain", cookie="", **BROWSER)
        assert (answer.status, answer.all("location")) == (303, ["https://app.example/team/"])
        assert answer.all("cache-control") == ["no-store"]
        for changes in ({"accept": "*/*"}, {"sec_fetch_mode": "cors"}):
            named = {name.lower().replace("-", "_"): value for name, value in BROWSER.items()}
            headers = {**named, "cookie": "", **changes}
            assert app.ask(endpoints, path="/plain", **headers).status == 401
        assert app.ask(endpoints, "POST", "/plain", cookie="", **BROWSER).status == 401


def test_no_circle(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page to which browsers are sent is never sent to itself."""
    app = make(monkeypatch, PERSISTAUTH_PUBLIC_URL="https://app.example/plain")
    answer = app.ask(starlette_app(app.auth), path="/plain", cookie="", **BROWSER)
    assert answer.status == 401


def test_unknown_address(app: App) -> None:
    """Without an address of the app there is no redirect, also if the client names one."""
    headers = {**BROWSER, "X-Forwarded-Host": "evil.example", "Referer": "https://evil.example"}
    assert app.ask(starlette_app(app.auth), path="/plain", cookie="", **headers).status == 401


@pytest.mark.parametrize(
    ("mount", "path", "home"),
    [
        ("", "/plain", "/"),
        ("/app", "/app/plain", "/app/"),
        ("/{tenant}", "/evil.example/plain", "/evil.example/"),
        ("/{tenant:path}", "//evil.example/plain", "/evil.example/"),
    ],
)
def test_beside_the_page(app: App, mount: str, path: str, home: str) -> None:
    """A route of the `st.App` itself redirects to the first page, and never to another host."""
    inner = Starlette(routes=starlette_app(app.auth).routes, middleware=app.auth.middleware())
    outer = Starlette(routes=[Mount(mount, inner)])
    answer = app.ask(outer, path=path, cookie="", **BROWSER)
    assert (answer.status, answer.all("location")) == (303, [home])


# WebSockets


def talk(app: ASGIApp, headers: dict[str, str]) -> list[Message]:
    """Open a WebSocket; return what the server sends."""
    sent: list[Message] = []
    pending: Iterator[Message] = iter([{"type": "websocket.connect"}])

    async def receive() -> Message:
        return next(pending, {"type": "websocket.disconnect", "code": 1000})

    async def send(message: Message) -> None:
        sent.append(message)

    pairs = [(key.lower().encode(), value.encode()) for key, value in headers.items()]
    scope: Scope = {"type": "websocket", "scheme": "ws", "path": "/feed", "headers": pairs}
    scope.update({"query_string": b"", "root_path": "", "subprotocols": [], "client": ("::1", 1)})

    async def run() -> None:
        await app(scope, receive, send)

    asyncio.run(run())
    return sent


def websocket_apps(auth: Authenticator) -> Iterator[ASGIApp]:
    """Yield an app with a WebSocket in Starlette and one in FastAPI."""

    @auth.require_login(roles=["editor"])
    async def feed(websocket: WebSocket, user: User) -> None:
        await websocket.accept()
        await websocket.send_text(user.email)

    yield Starlette(routes=[WebSocketRoute("/feed", feed)])
    app = FastAPI()
    app.websocket("/feed")(feed)
    yield app


def test_websocket(app: App) -> None:
    """A WebSocket is accepted for a user from our own page, and closed before that otherwise."""
    honest = {**HONEST, "Cookie": app.cookie}
    for endpoints in websocket_apps(app.auth):
        accepted, message, *_ = talk(endpoints, honest)
        assert (accepted["type"], message["text"]) == ("websocket.accept", EMAIL)
        for changes in ({"Cookie": ""}, {"Origin": "https://evil.example"}, {"Origin": ""}):
            (refused, *_) = talk(endpoints, {**honest, **changes})
            assert (refused["type"], refused["code"]) == ("websocket.close", 1008)
        app.auth.users.set_roles(app.user, [])
        assert talk(endpoints, honest)[0]["type"] == "websocket.close"
        app.auth.users.set_roles(app.user, ["editor"])


# FastAPI's own ways


def test_body(app: App) -> None:
    """The parameter `user` is not read from the body, and no parameter of ours is documented."""
    endpoints = fastapi_app(app.auth)
    headers = {"Cookie": app.cookie, **HONEST, "Content-Type": "application/json"}
    body = b'{"text": "hello", "user": {"id": "1", "email": "root@example.com"}}'
    answer = request(endpoints, "POST", "/body", headers=headers, chunks=[body])
    assert answer.json == {"email": EMAIL, "text": "hello"}
    described = str(endpoints.openapi())
    assert "persistauth" not in described
    assert "roles" not in described


def test_query_is_no_user(app: App) -> None:
    """A client cannot pass the user, or the connection, in the query."""
    query = b"user=root&persistauth_connection=x"
    answer = request(fastapi_app(app.auth), "GET", "/plain", headers=HONEST, query=query)
    assert answer.status == 401


def test_dependency(app: App) -> None:
    """`user_of` in a dependency guards the routes of a router."""

    def signed_in(request: Request) -> User:
        user = app.auth.user_of(request)
        if user is None:
            raise HTTPException(401)
        return user

    endpoints = FastAPI(dependencies=[Depends(signed_in)])

    @endpoints.get("/")
    def root() -> str:
        return "inside"

    assert app.ask(endpoints).json == "inside"
    assert app.ask(endpoints, cookie="").status == 401


@pytest.mark.parametrize("kind", ["plain", "coroutine"])
def test_guarded_dependency(app: App, kind: str) -> None:
    """A dependency with the guard keeps the endpoint from running, as does a guarded helper."""

    @app.auth.require_login(roles=["editor"])
    def plain(user: User) -> str:
        return user.email

    @app.auth.require_login(roles=["editor"])
    async def coroutine(user: User) -> str:
        return user.email

    endpoints, guard = FastAPI(), Depends(coroutine if kind == "coroutine" else plain)

    @endpoints.get("/")
    def root(email: Annotated[str, guard]) -> str:
        return email

    @endpoints.get("/helper")
    def helper(request: Request) -> str:
        plain(request)
        return "inside"

    @endpoints.websocket("/feed")
    async def feed(websocket: WebSocket, email: Annotated[str, guard]) -> None:
        await websocket.accept()
        await websocket.send_text(email)

    honest = {**HONEST, "Cookie": app.cookie}
    assert app.ask(endpoints).json == EMAIL
    assert talk(endpoints, honest)[1]["text"] == EMAIL
    for path in ("/", "/helper"):
        assert app.ask(endpoints, path=path, cookie="").status == 401
    assert [message["type"] for message in talk(endpoints, HONEST)] == ["websocket.close"]
    app.auth.users.set_roles(app.user, [])
    assert app.ask(endpoints).status == 403
    assert [message["type"] for message in talk(endpoints, honest)] == ["websocket.close"]


def test_streamed(app: App) -> None:
    """An endpoint that streams what it yields is refused with the same status."""
    endpoints = FastAPI()

    @endpoints.get("/plain")
    @app.auth.require_login()
    def plain(user: User) -> Iterator[str]:
        yield user.email

    @endpoints.get("/coroutine")
    @app.auth.require_login()
    async def coroutine(user: User) -> AsyncIterator[str]:
        yield user.email

    for path in ("/plain", "/coroutine"):
        assert app.ask(endpoints, path=path).status == 200
        refused = app.ask(endpoints, path=path, cookie="")
        assert (refused.status, refused.all("cache-control")) == (401, ["no-store"])


def test_coroutine_around_a_generator(app: App) -> None:
    """A coroutine that wraps a generator function is called as a coroutine."""

    def lines(user: User) -> Iterator[str]:
        yield user.email

    @app.auth.require_login()
    @functools.wraps(lines)
    async def endpoint(_request: Request, user: User) -> Response:
        return PlainTextResponse("".join(lines(user)))

    starlette = Starlette(routes=[Route("/", endpoint)])
    assert app.ask(starlette).body.decode() == EMAIL
    assert app.ask(starlette, cookie="").status == 401


def test_streamed_without_fastapi(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without FastAPI a generator function gets the request, as other functions do."""
    monkeypatch.setitem(sys.modules, "fastapi", None)

    @app.auth.require_login()
    def lines(request: Request, user: User) -> Iterator[str]:
        yield f"{request.method} {user.email}"

    async def endpoint(request: Request) -> Response:
        return PlainTextResponse("".join(lines(request)))

    starlette = Starlette(routes=[Route("/", endpoint)])
    assert app.ask(starlette).body.decode() == f"GET {EMAIL}"
    assert app.ask(starlette, cookie="").status == 401


def test_decorated_twice(app: App) -> None:
    """Two guards around one endpoint both apply."""

    @app.auth.require_login()
    @app.auth.require_login(roles=["admin"])
    def endpoint(user: User) -> str:
        return user.email

    endpoints = FastAPI()
    endpoints.get("/")(endpoint)
    assert app.ask(endpoints).status == 403
    app.auth.users.set_roles(app.user, ["admin"])
    assert app.ask(endpoints).json == EMAIL
    assert app.ask(endpoints, cookie="").status == 401


def test_without_a_request(app: App) -> None:
    """A guarded function that is called without a request, outside a page, does not run."""

    @app.auth.require_login()
    def function() -> Response:
        return JSONResponse("inside")

    with pytest.raises(SignInRequired):
        function()
