"""Whose request it is, by the cookie of the app."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.requests import HTTPConnection, Request
from starlette.types import Message
from starlette.websockets import WebSocket
from tests.support.core_app import CoreApp
from tests.support.forgery import CLAIMS, HEADER, forge

from streamlit_persistauth.core.sessions.jwt_signer import key_id
from streamlit_persistauth.errors import InvalidArgument, StoreError
from streamlit_persistauth.models import User
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.incoming import Incoming
from streamlit_persistauth.web.request_users import RequestUsers

HOST = "app.example"
ORIGIN = f"https://{HOST}"
PEER = "203.0.113.7"


def scope(
    cookie: str = "",
    *,
    kind: str = "http",
    method: str = "GET",
    scheme: str = "https",
    client: object = (PEER, 50_000),
    **headers: str,
) -> dict[str, Any]:
    """Return the scope of a request, on HTTPS if not said otherwise."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    pairs = {"host": HOST, "cookie": cookie, **named}
    found: dict[str, Any] = {
        "type": kind,
        "scheme": scheme,
        "path": "/api",
        "client": client,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in pairs.items()],
    }
    return found if kind == "websocket" else {**found, "method": method}


@pytest.fixture
def user(core: CoreApp) -> User:
    """A user with an account."""
    return core.add_user()


@pytest.fixture
def text(core: CoreApp, user: User) -> str:
    """The credential of a sign-in."""
    text = core.sessions.issue(core.sign_in(user)).text
    core.events.records.clear()
    return text


def users_of(core: CoreApp, cookies: Cookies | None = None) -> RequestUsers:
    """Return what finds the users of requests."""
    ours = cookies or Cookies("persistauth")
    return RequestUsers(core.sessions, ours, core.recorder, trusted_proxies=())


def found(core: CoreApp, source: object, cookies: Cookies | None = None) -> User | None:
    """Return the user of a request."""
    signed_in = users_of(core, cookies).find(Incoming.of(source), used=True)
    return signed_in.user if signed_in else None


def events(core: CoreApp) -> list[tuple[str, str | None]]:
    """Return the type and reason of each event."""
    return [(event.event_type, event.details.get("reason")) for event in core.events.records]


async def _receive() -> Message:
    """Receive that the client is gone."""
    return {"type": "websocket.disconnect"}


async def _send(_message: Message) -> None:
    """Send nothing."""


SOURCES: dict[str, Callable[[dict[str, Any]], object]] = {
    "scope": lambda scope: scope,
    "connection": HTTPConnection,
    "request": Request,
    "headers": lambda scope: Headers(scope=scope),
    "mapping": lambda scope: {key.title(): value for key, value in Headers(scope=scope).items()},
    "bytes": lambda scope: dict(scope["headers"]),
}


@pytest.mark.parametrize("way", SOURCES)
def test_sources(core: CoreApp, user: User, text: str, way: str) -> None:
    """The user is found by a request, a scope, or headers with names in any case."""
    cookie = f"theme=dark; __Host-persistauth={text}; other=1"
    assert found(core, SOURCES[way](scope(cookie))) == user
    assert found(core, SOURCES[way](scope("theme=dark"))) is None
    assert events(core) == []


def test_websocket(core: CoreApp, user: User, text: str) -> None:
    """A WebSocket of the app's own page has the user of its handshake."""
    asked = scope(f"__Host-persistauth={text}", kind="websocket", scheme="wss", origin=ORIGIN)
    assert found(core, WebSocket(asked, _receive, _send)) == user


def test_cookie_in_several_headers(core: CoreApp, user: User, text: str) -> None:
    """HTTP/2 splits cookies into several headers; all of them are read."""
    split = scope("theme=dark")
    ours = (b"cookie", f"__Host-persistauth={text}".encode())
    split["headers"].append(ours)
    assert found(core, split) == user
    split["headers"].append(ours)
    assert found(core, split) is None


@pytest.mark.parametrize(
    ("scheme", "headers", "name", "expected"),
    [
        ("https", {}, "__Host-persistauth", True),
        ("https", {}, "persistauth", False),
        ("http", {"x_forwarded_proto": "https"}, "__Host-persistauth", True),
        ("http", {"x_forwarded_proto": "https"}, "persistauth", False),
        ("http", {}, "persistauth", True),
        ("http", {}, "__Host-persistauth", True),
        ("https", {}, "__Host-persistauth-team", False),
        ("https", {}, "__Secure-persistauth", False),
        ("https", {}, "__host-persistauth", False),
    ],
)
def test_cookie_name(
    core: CoreApp, text: str, scheme: str, headers: Mapping[str, str], name: str, *, expected: bool
) -> None:
    """On HTTPS only the `__Host-` cookie is read, which no neighbouring host can plant."""
    assert (found(core, scope(f"{name}={text}", scheme=scheme, **headers)) is not None) is expected


def test_planted_beside_ours(core: CoreApp, user: User, text: str) -> None:
    """A cookie without the prefix is ignored beside one with it, whatever the scheme."""
    mallory = core.add_user("mallory@example.com")
    planted = core.sessions.issue(core.sign_in(mallory)).text
    for cookie in (
        f"__Host-persistauth={text}; persistauth={planted}",
        f"persistauth={planted}; __Host-persistauth={text}",
    ):
        assert found(core, scope(cookie, scheme="http")) == user
        assert found(core, scope(cookie)) == user


def test_below_a_path(core: CoreApp, user: User, text: str) -> None:
    """The cookie of an app below a path has a name of its own."""
    cookies = Cookies.below("/team/app", name="persistauth", embedded=False)
    name = cookies.credential(secure=True)
    assert name == "__Host-persistauth-team-app-e46f7d74"
    assert found(core, scope(f"{name}={text}"), cookies) == user
    assert found(core, scope(f"__Host-persistauth={text}"), cookies) is None


@pytest.mark.parametrize("second", ["x", "", None])
def test_two_cookies(core: CoreApp, text: str, second: str | None) -> None:
    """Two cookies of our name are refused in both orders, also if they are equal."""
    pair = [text, text if second is None else second]
    for values in (pair, pair[::-1]):
        cookie = "; ".join(f"__Host-persistauth={value}" for value in values)
        assert found(core, scope(cookie)) is None
    assert events(core) == [("token_refused", "two cookies of one name")] * 2


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "QUERY", "get", ""])
def test_cross_site(core: CoreApp, user: User, text: str, method: str) -> None:
    """A request that may change something is of its user only if our own page has sent it."""
    cookie = f"__Host-persistauth={text}"
    for headers in (
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": f"https://other.{HOST}"},
        {"origin": f"https://{HOST}:8443"},
        {"origin": ORIGIN, "sec_fetch_site": "cross-site"},
        {"origin": ORIGIN, "sec_fetch_site": "same-site"},
        {"origin": ORIGIN, "host": "other.example"},
        {"origin": "https://", "host": ""},
    ):
        core.tokens.reset()
        assert found(core, scope(cookie, method=method, **headers)) is None
        assert core.tokens.calls == []
    honest = {"origin": ORIGIN, "sec_fetch_site": "same-origin"}
    assert found(core, scope(cookie, method=method, **honest)) == user


def test_cross_site_websocket(core: CoreApp, text: str) -> None:
    """A WebSocket that a page of another origin opens has no user."""
    cookie = f"__Host-persistauth={text}"
    for origin in ({}, {"origin": "https://evil.example"}):
        asked = scope(cookie, kind="websocket", scheme="wss", **origin)
        assert found(core, WebSocket(asked, _receive, _send)) is None
        assert found(core, {**asked, "method": "GET"}) is None  # as a server may pass it


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "TRACE"])
def test_link_from_elsewhere(core: CoreApp, user: User, text: str, method: str) -> None:
    """A request that changes nothing may come from anywhere, as a followed link does."""
    cookie = f"__Host-persistauth={text}"
    assert found(core, scope(cookie, method=method, sec_fetch_site="cross-site")) == user


def test_headers_of_another_origin(core: CoreApp, user: User, text: str) -> None:
    """Headers alone name no method, so those with a foreign `Origin` are refused."""
    headers = {"Host": HOST, "Cookie": f"__Host-persistauth={text}"}
    assert found(core, {**headers, "Origin": "https://evil.example"}) is None
    assert found(core, {**headers, "Origin": ORIGIN}) == user


@pytest.mark.parametrize("used", [True, False])
def test_used(core: CoreApp, user: User, text: str, *, used: bool) -> None:
    """A request updates `last_used_at`, unless the caller says that it is no use."""
    before = core.sessions.live(user.id)[0].last_used_at
    core.clock.move(minutes=2)
    asked = Incoming.of(scope(f"__Host-persistauth={text}"))
    assert users_of(core).find(asked, used=used)
    assert (core.sessions.live(user.id)[0].last_used_at == core.clock()) is used
    assert used or core.sessions.live(user.id)[0].last_used_at == before


def test_refusal_is_recorded(core: CoreApp, user: User, text: str) -> None:
    """A refused credential is an event with the address of the client."""
    core.sessions.end_user(user.id)
    assert found(core, scope(f"__Host-persistauth={text}", user_agent="curl")) is None
    (event,) = core.events.records
    assert (event.event_type, event.details) == ("token_refused", {"reason": "ended"})
    assert (event.ip_address, event.user_agent) == (PEER, "curl")


def test_flood(core: CoreApp) -> None:
    """Refusals fill the table with 20 rows a minute, also behind a Unix socket without address."""
    clients: list[object] = [None, ("", 0), []]
    for client in clients:
        core.events.records.clear()
        core.clock.move(minutes=2)
        for _ in range(50):
            found(core, scope("__Host-persistauth=x", client=client))
        refusals = [event for event in core.events.records if not event.details.get("more")]
        assert len(refusals) == 20
        assert {event.ip_address for event in refusals} == {"127.0.0.1"}


def test_headers_are_not_recorded(core: CoreApp) -> None:
    """A refusal of headers alone is no event, because they have no address."""
    assert found(core, {"Cookie": "__Host-persistauth=x"}) is None
    assert events(core) == []


def test_header_named_as_a_part_of_a_scope(core: CoreApp, user: User, text: str) -> None:
    """Headers of a client are not taken for a scope, whatever their names."""
    headers = {"Cookie": f"__Host-persistauth={text}", "Host": HOST, "type": "http"}
    assert found(core, headers) == user
    assert found(core, {**headers, "headers": "x", "method": "GET"}) == user
    forged = {**headers, "headers": "x", "method": "GET", "Origin": "https://evil.example"}
    assert found(core, forged) is None


def test_of_another_app(core: CoreApp) -> None:
    """A credential of another app or key has no user here, and records nothing."""
    of_another_key = forge({**HEADER, "kid": key_id("another")})
    for credential in (of_another_key, forge(payload={**CLAIMS, "aud": "another"})):
        assert found(core, scope(f"__Host-persistauth={credential}")) is None
    assert events(core) == []


ODD_VALUES = ["", "\0", "x" * 1_000_000, "\xff\xfe", "=;=;", "a" * 5000 + ".b.c", "é\x80", "%00"]


@pytest.mark.parametrize("name", ["cookie", "host", "origin", "x_forwarded_for", "user_agent"])
@pytest.mark.parametrize("value", ODD_VALUES, ids=range(len(ODD_VALUES)))
def test_odd_headers(core: CoreApp, text: str, name: str, value: str) -> None:
    """No header raises an exception."""
    headers = {"cookie": f"__Host-persistauth={text}", "x_forwarded_proto": value}
    for kind, method in (("http", "GET"), ("http", "POST"), ("websocket", "")):
        asked = scope(kind=kind, method=method, **{**headers, name: value})
        found(core, asked)
        found(core, Headers(scope=asked))


@pytest.mark.parametrize(
    "changes",
    [
        {"headers": None},
        {"headers": [(b"cookie",), None, 7, ("cookie", 7), (b"a", b"b", b"c")]},
        {"headers": 7},
        {"client": "somewhere"},
        {"client": (None, 1)},
        {"scheme": None},
        {"method": None},
        {"method": 7},
    ],
)
def test_odd_scopes(core: CoreApp, changes: Mapping[str, Any]) -> None:
    """A scope with parts missing or of another type has no user, and raises nothing."""
    assert found(core, {**scope("__Host-persistauth=x"), **changes}) is None


def test_odd_mappings(core: CoreApp) -> None:
    """Headers with values of other types have no user, and raise nothing."""
    lists = {"Cookie": ["a"], "type": ["http"]}
    for headers in ({}, {"cookie": None}, {7: 8}, lists, {"cookie": "\u20ac\ud800"}):
        assert found(core, headers) is None


@pytest.mark.parametrize("source", [None, "", b"x", 7, [], object(), [("cookie", "x")]])
def test_other_arguments(core: CoreApp, source: object) -> None:
    """Anything else is an error of the program."""
    with pytest.raises(InvalidArgument):
        found(core, source)


def test_store_that_fails(core: CoreApp, text: str) -> None:
    """If the store fails, that is no refusal."""
    core.tokens.reset(fail_at=0)
    with pytest.raises(StoreError):
        found(core, scope(f"__Host-persistauth={text}"))
    assert events(core) == []
