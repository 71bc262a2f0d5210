"""A FastAPI program beside an app, both behind nginx, as docs/how-to/fastapi.md shows."""

import secrets
from collections.abc import Iterator

import pytest
from tests.raw.conftest import signed_in
from tests.support.account import ADA, BOB
from tests.support.beside import BROWSER, Front, serve
from tests.support.forgery import HEADER, forge
from tests.support.raw import opened
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

from streamlit_persistauth.core.sessions.jwt_signer import key_id

FORMER_KEY = secrets.token_urlsafe(48)


@pytest.fixture(scope="module")
def plain_front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Both on HTTP."""
    yield from serve(tmp_path_factory.mktemp("http"), tls=False)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """Both on HTTPS, which nginx ends, with a former key that is still accepted."""
    home = tmp_path_factory.mktemp("https")
    yield from serve(home, tls=True, JWT_PREVIOUS_KEYS=FORMER_KEY)


@pytest.mark.parametrize("name", ["me", "coroutine", "connection", "stream"])
def test_follows_the_app(plain_front: Front, name: str) -> None:
    """Signing in on a page signs in to the program, and log-out there ends it at once."""
    front, path = plain_front, f"/api/{name}"
    assert front.ask(path, BROWSER) == 401
    with opened(front.url, cookie=BROWSER) as client:
        cookie = front.handed_off(signed_in(client))
        status, body, _ = front.answer(path, cookie)
        assert (status, body.strip()) == (200, b'"ada@example.com"')
        client.run()
        client.press("Log out")
        assert front.ask(path, cookie) == 401


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM auth_tokens",
        "UPDATE users SET is_active = 0",
        "UPDATE users SET security_stamp = 'another'",
        "UPDATE auth_tokens SET expires_at = '2020-01-01 00:00:00.000000'",
    ],
)
def test_ended(front: Front, statement: str) -> None:
    """A sign-in that is revoked in the database is refused by the next request."""
    cookie = front.cookie(BOB, "__Host-")
    assert front.ask("/api/me", cookie) == 200
    front.app.database.execute(statement)
    assert front.ask("/api/me", cookie) == 401
    assert front.ask("/api/coroutine", cookie) == 401
    front.app.database.execute("UPDATE users SET is_active = 1")


def test_cookies(front: Front) -> None:
    """Cookies that are changed, planted, doubled or of another app are refused."""
    good = front.cookie(ADA, "__Host-")
    text = good.partition("=")[2]
    head, payload, signature = text.split(".")
    assert front.ask("/api/me", good) == 200
    for cookie in (
        f"persistauth={text}",
        f"__Host-other={text}",
        f"{good}; {good}",
        f"{good}; __Host-persistauth=x",
        f"__Host-persistauth={head}.{payload}.{signature[::-1]}",
        f"__Host-persistauth={head}.{payload}.",
        f"__Host-persistauth={forge({**HEADER, 'kid': key_id('another app')})}",
        f"__Host-persistauth={'x' * 3000}",
    ):
        assert front.ask("/api/me", cookie) == 401
    assert front.ask("/api/me", f"{good}; persistauth=planted") == 200


def test_former_key(front: Front) -> None:
    """A credential that a former key has signed is valid while the key is listed."""
    settings = front.app.settings
    former = {**settings, "JWT_SECRET_KEY": FORMER_KEY, "JWT_PREVIOUS_KEYS": ""}
    assert front.ask("/api/me", f"__Host-persistauth={ADA.credential(former)}") == 200
    unknown = {**former, "JWT_SECRET_KEY": secrets.token_urlsafe(48)}
    assert front.ask("/api/me", f"__Host-persistauth={ADA.credential(unknown)}") == 401


def test_cross_site(front: Front) -> None:
    """The program refuses a POST from another origin, and takes one of the app's page."""
    cookie = front.cookie(ADA, "__Host-")
    path = "/api/notes?text=hello"
    status, body, _ = front.answer(path, cookie, method="POST")
    assert (status, body) == (200, b'"ada@example.com: hello"')
    assert front.ask(path, cookie, method="POST", Origin="https://evil.example") == 403
    assert front.ask(path, cookie, method="POST", Sec_Fetch_Site="same-site") == 403


def test_roles(front: Front) -> None:
    """A user without the role gets 403, and the right answer as soon as the role is stored."""
    cookie = front.cookie(ADA, "__Host-")
    assert front.ask("/api/admin", cookie) == 403
    front.app.database.execute("UPDATE users SET roles = '[\"admin\"]'")
    assert front.ask("/api/admin", cookie) == 200


def test_websocket(plain_front: Front) -> None:
    """A WebSocket of the program has the user of the page, and is refused to other origins."""
    front = plain_front
    url = front.url.replace("http://", "ws://") + "api/feed"
    origin, cookie = front.url.rstrip("/"), front.cookie(ADA)
    with connect(url, additional_headers={"Cookie": cookie, "Origin": origin}) as socket:
        assert socket.recv() == ADA.email
    for headers in (
        {"Cookie": cookie, "Origin": "http://evil.example"},
        {"Cookie": cookie},
        {"Origin": origin},
    ):
        with pytest.raises(InvalidStatus):
            connect(url, additional_headers=headers)
