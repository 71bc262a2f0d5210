import json
from collections.abc import Callable, Iterator

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp
from tests.support.asgi import Answer, request
from tests.support.core_app import CoreApp
from tests.support.forgery import HEADER, forge

from streamlit_persistauth.core.sessions.jwt_signer import key_id
from streamlit_persistauth.errors import InvalidToken
from streamlit_persistauth.models import User
from streamlit_persistauth.web.browsers import issue_ticket
from streamlit_persistauth.web.connections import connections
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.route_paths import BROWSER_PATH, CLEAR_PATH, HANDOFF_PATH
from streamlit_persistauth.web.routes import MAX_BODY_BYTES, CookieRoutes

BROWSER = "the-browser-s-own-secret"
HOST = "app.example"
HONEST = {
    "Host": HOST,
    "Origin": f"http://{HOST}",
    "Sec-Fetch-Site": "same-origin",
    "Content-Type": "application/json",
    "Cookie": f"persistauth_browser={BROWSER}",
}
DAY = 24 * 3600


@pytest.fixture
def app(core: CoreApp) -> Starlette:
    """Our routes and nothing else."""
    endpoints = CookieRoutes(core.sessions, Cookies("persistauth"), clock=core.clock)
    return Starlette(routes=endpoints.routes(""))


@pytest.fixture
def user(core: CoreApp) -> User:
    """A user with an account."""
    return core.add_user()


@pytest.fixture
def code(core: CoreApp, user: User) -> str:
    """A handoff code for `BROWSER`."""
    return core.sessions.hand_off(core.sign_in(user), user.id, browser=BROWSER)


def post(
    app: ASGIApp,
    path: str,
    body: object = None,
    *,
    method: str = "POST",
    without: str = "",
    **changes: str,
) -> Answer:
    """Send a request as our own page does, with some headers changed."""
    headers = HONEST | {name.replace("_", "-").title(): text for name, text in changes.items()}
    data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
    kept = {name: value for name, value in headers.items() if name != without}
    return request(app, method, path, headers=kept, chunks=[data])


def test_change_of_the_browser(app: Starlette) -> None:
    """A page gets a new value for its browser's own cookie, once, and only for its ticket."""
    page = connections.open(base_path="", browser=BROWSER)
    ticket = issue_ticket(page)
    refused(post(app, BROWSER_PATH, {"ticket": "made up"}), 503)
    refused(post(app, BROWSER_PATH, {"ticket": ticket}, cookie="persistauth_browser=no"), 503)
    refused(post(app, BROWSER_PATH, {"ticket": ticket}, cookie=""), 400)
    refused(post(app, BROWSER_PATH, {"ticket": 1}), 400)
    assert page.browser == BROWSER
    (cookie,) = post(app, BROWSER_PATH, {"ticket": ticket}).cookies
    assert cookie.startswith(f"persistauth_browser={page.browser}; ")
    assert "HttpOnly" in cookie
    assert "Max-Age" not in cookie
    assert page.browser != BROWSER
    connections.close(page)


def hand_off(app: ASGIApp, code: str, **changes: str) -> Answer:
    """Present a code."""
    return post(app, HANDOFF_PATH, {"code": code}, **changes)


def refused(answer: Answer, status: int) -> None:
    """Assert that a response sets no cookie, reveals nothing and is not stored."""
    assert answer.status == status
    assert answer.cookies == []
    assert answer.all("cache-control") == ["no-store"]
    assert answer.json["ok"] is False


def test_hand_off(app: Starlette, core: CoreApp, user: User, code: str) -> None:
    """A code is exchanged for one cookie that no script can read, and that signs in."""
    answer = hand_off(app, code)
    assert (answer.status, answer.json) == (200, {"ok": True})
    (cookie,) = answer.cookies
    pair, *attributes = cookie.split("; ")
    name, _, text = pair.partition("=")
    assert name == "persistauth"
    assert set(attributes) == {"Path=/", "HttpOnly", "SameSite=Lax", f"Max-Age={DAY}"}
    assert core.sessions.resume(text).user == user
    assert len(cookie) < 4096


def test_hand_off_on_https(app: Starlette, core: CoreApp, user: User, code: str) -> None:
    """On HTTPS, also behind a proxy that ends TLS, the cookie is `__Host-` and Secure."""
    (cookie,) = hand_off(app, code, origin=f"https://{HOST}").cookies
    pair, *attributes = cookie.split("; ")
    assert pair.startswith("__Host-persistauth=")
    assert {"Secure", "Path=/", "HttpOnly", "SameSite=Lax"} <= set(attributes)
    assert not any(attribute.lower().startswith("domain") for attribute in attributes)
    assert core.sessions.resume(pair.partition("=")[2]).user == user


def test_age_is_what_is_left(app: Starlette, core: CoreApp, code: str) -> None:
    """The cookie expires with the sign-in, not a lifetime later."""
    core.clock.move(seconds=30)
    (cookie,) = hand_off(app, code).cookies
    assert f"Max-Age={DAY - 30}" in cookie.split("; ")


def test_no_credential_in_the_body(app: Starlette, code: str) -> None:
    """The credential is in the `Set-Cookie` header and nowhere else."""
    answer = hand_off(app, code)
    text = answer.cookies[0].partition("=")[2].partition(";")[0]
    others = [header for header in answer.headers if header[0] != "set-cookie"]
    assert text
    assert text not in answer.body.decode() + str(others)
    assert code not in answer.body.decode() + str(answer.headers)
    assert answer.all("cache-control") == ["no-store"]


def test_second_use(app: Starlette, code: str) -> None:
    """A code is valid once."""
    assert hand_off(app, code).status == 200
    refused(hand_off(app, code), 403)


def test_late(app: Starlette, core: CoreApp, code: str) -> None:
    """An expired code is refused."""
    core.clock.move(minutes=1)
    refused(hand_off(app, code), 403)


def test_other_browser(app: Starlette, code: str) -> None:
    """A code that another browser presents is refused, and is invalid from then on."""
    refused(hand_off(app, code, cookie="persistauth_browser=another"), 403)
    refused(hand_off(app, code), 403)


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "persistauth=x",
        f"persistauth_browser={BROWSER}; persistauth_browser=another",
        f"persistauth_browser=another; persistauth_browser={BROWSER}",
        f"persistauth_browser={BROWSER}; persistauth_browser={BROWSER}",
        f"other_browser={BROWSER}",
    ],
)
def test_browser_unknown(app: Starlette, code: str, cookie: str) -> None:
    """A browser without its own cookie, or with two, is refused; the code stays valid."""
    refused(hand_off(app, code, cookie=cookie), 400)
    assert hand_off(app, code).status == 200


def test_ended_meanwhile(app: Starlette, core: CoreApp, user: User, code: str) -> None:
    """A sign-in that is revoked before its code is presented sets no cookie."""
    core.sessions.end_user(user.id)
    refused(hand_off(app, code), 403)


def test_not_remembered(app: Starlette, core: CoreApp, user: User) -> None:
    """A sign-in without "remember me" sets no cookie."""
    session_id = core.sign_in(user, remember=False)
    code = core.sessions.hand_off(session_id, user.id, browser=BROWSER)
    refused(hand_off(app, code), 403)


@pytest.mark.parametrize("code", [None, 1, True, [], {}, ["x"]])
def test_code_is_no_text(app: Starlette, code: object) -> None:
    """A code that is not a string is refused."""
    refused(post(app, HANDOFF_PATH, {"code": code}), 400)


@pytest.mark.parametrize("code", ["", "x", "' OR 1=1 --", "x" * 900, "é", "\ud800", "\0"])
def test_code_is_unknown(app: Starlette, code: str) -> None:
    """An invented code is refused, whatever its characters."""
    refused(hand_off(app, code), 403)


CROSS_SITE: dict[str, Callable[[ASGIApp, str, object], Answer]] = {
    "no origin": lambda app, path, body: post(app, path, body, without="Origin"),
    "null origin": lambda app, path, body: post(app, path, body, origin="null"),
    "empty origin": lambda app, path, body: post(app, path, body, origin=""),
    "foreign origin": lambda app, path, body: post(app, path, body, origin="http://evil.example"),
    "other port": lambda app, path, body: post(app, path, body, origin=f"http://{HOST}:8080"),
    "subdomain": lambda app, path, body: post(app, path, body, origin=f"http://a.{HOST}"),
    "parent": lambda app, path, body: post(app, path, body, origin="http://example"),
    "suffix": lambda app, path, body: post(app, path, body, origin=f"http://{HOST}.evil.example"),
    "userinfo": lambda app, path, body: post(app, path, body, origin=f"http://{HOST}@evil.example"),
    "user": lambda app, path, body: post(app, path, body, origin=f"http://evil@{HOST}"),
    "scheme": lambda app, path, body: post(app, path, body, origin=f"ftp://{HOST}"),
    "extension": lambda app, path, body: post(app, path, body, origin=f"chrome-extension://{HOST}"),
    "no scheme": lambda app, path, body: post(app, path, body, origin=HOST),
    "brackets": lambda app, path, body: post(app, path, body, origin="http://["),
    "odd": lambda app, path, body: post(app, path, body, origin="http://\xff\xfe\x80"),
    "no host": lambda app, path, body: post(app, path, body, without="Host"),
    "neither": lambda app, path, body: post(app, path, body, origin="http://", host=""),
    "cross-site": lambda app, path, body: post(app, path, body, sec_fetch_site="cross-site"),
    "same-site": lambda app, path, body: post(app, path, body, sec_fetch_site="same-site"),
    "typed": lambda app, path, body: post(app, path, body, sec_fetch_site="none"),
    "text": lambda app, path, body: post(app, path, body, content_type="text/plain"),
    "form": lambda app, path, body: post(
        app, path, body, content_type="application/x-www-form-urlencoded"
    ),
    "multipart": lambda app, path, body: post(app, path, body, content_type="multipart/form-data"),
    "disguised": lambda app, path, body: post(
        app, path, body, content_type="text/plain; application/json"
    ),
    "untyped": lambda app, path, body: post(app, path, body, without="Content-Type"),
}


@pytest.mark.parametrize("way", CROSS_SITE)
def test_cross_site(app: Starlette, way: str, code: str) -> None:
    """A cross-site request is refused, and the code stays valid."""
    refused(CROSS_SITE[way](app, HANDOFF_PATH, {"code": code}), 403)
    assert hand_off(app, code).status == 200


@pytest.mark.parametrize("way", CROSS_SITE)
def test_cross_site_clear(app: Starlette, way: str) -> None:
    """A cross-site request deletes no cookie."""
    refused(CROSS_SITE[way](app, CLEAR_PATH, {}), 403)


def test_older_browser(app: Starlette, code: str) -> None:
    """If a browser sends no Sec-Fetch-Site, its Origin decides."""
    answer = post(app, HANDOFF_PATH, {"code": code}, without="Sec-Fetch-Site")
    assert answer.status == 200


def test_charset(app: Starlette, code: str) -> None:
    """A content type with a parameter is still JSON."""
    assert hand_off(app, code, content_type="application/json; charset=utf-8").status == 200


@pytest.mark.parametrize("path", [HANDOFF_PATH, CLEAR_PATH])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods(app: Starlette, code: str, path: str, method: str) -> None:
    """Only POST is served."""
    answer = post(app, path, {"code": code}, method=method)
    assert answer.status == 405
    assert answer.cookies == []
    assert hand_off(app, code).status == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'"code"',
        b"1",
        b"{",
        b"code=x",
        b"\xff",
        b"[" * MAX_BODY_BYTES,
        b'{"code": "' + b"x" * MAX_BODY_BYTES + b'"}',
        b" " * 1_000_000,
    ],
    ids=lambda body: repr(body[:12]),
)
@pytest.mark.parametrize("path", [HANDOFF_PATH, CLEAR_PATH])
def test_odd_bodies(app: Starlette, path: str, body: bytes) -> None:
    """A body that is not a small JSON object is refused."""
    refused(post(app, path, body), 400)


def test_endless_body(app: Starlette) -> None:
    """A body in chunks, without a length, is read up to the limit and no further."""
    taken = 0

    def endless() -> Iterator[bytes]:
        nonlocal taken
        while True:
            taken += 1
            yield b" " * 100

    headers = HONEST | {"Transfer-Encoding": "chunked"}
    refused(request(app, "POST", HANDOFF_PATH, headers=headers, chunks=endless()), 400)
    assert taken < 20


def test_length_that_lies(app: Starlette) -> None:
    """The limit applies to the body, not to Content-Length."""
    body = b'{"code": "' + b"x" * 10_000 + b'"}'
    refused(post(app, HANDOFF_PATH, body, content_length="10"), 400)


def clear(app: ASGIApp, cookie: str, **changes: str) -> Answer:
    """Request that the cookie be deleted."""
    return post(app, CLEAR_PATH, {}, cookie=cookie, **changes)


def test_clear_a_dead_one(app: Starlette, core: CoreApp, user: User) -> None:
    """A cookie whose sign-in was revoked is deleted with the attributes it was set with."""
    session_id = core.sign_in(user)
    text = core.sessions.issue(session_id).text
    core.sessions.end(session_id)
    answer = clear(app, f"persistauth={text}")
    assert answer.status == 200
    (cookie,) = answer.cookies
    assert set(cookie.split("; ")) == {
        "persistauth=",
        "Path=/",
        "HttpOnly",
        "SameSite=Lax",
        "Max-Age=0",
    }
    assert answer.all("cache-control") == ["no-store"]


def test_clear_a_live_one(app: Starlette, core: CoreApp, user: User) -> None:
    """A valid cookie is not deleted, and stays valid."""
    text = core.sessions.issue(core.sign_in(user)).text
    refused(clear(app, f"persistauth={text}"), 409)
    assert core.sessions.resume(text).user == user


def test_clear_a_live_one_on_https(app: Starlette, core: CoreApp, user: User) -> None:
    """On HTTPS only the `__Host-` cookie is read."""
    text = core.sessions.issue(core.sign_in(user)).text
    https = f"https://{HOST}"
    refused(clear(app, f"__Host-persistauth={text}", origin=https), 409)
    answer = clear(app, f"persistauth={text}", origin=https)
    assert answer.cookies[0].startswith("__Host-persistauth=; ")


@pytest.mark.parametrize("cookie", ["", "persistauth=", "persistauth=x", f"persistauth={forge()}"])
def test_clear_nonsense(app: Starlette, cookie: str) -> None:
    """A cookie that was never valid, or is missing, is deleted."""
    answer = clear(app, cookie)
    assert answer.status == 200
    assert len(answer.cookies) == 1


def test_clear_that_of_a_neighbour(app: Starlette) -> None:
    """A credential of another key, which may be valid at another app on the host, stays."""
    neighbour = forge({**HEADER, "kid": key_id("another")})
    refused(clear(app, f"persistauth={neighbour}"), 409)


@pytest.mark.parametrize("hours", [-1, 24])
def test_clear_by_the_clock(app: Starlette, core: CoreApp, user: User, hours: int) -> None:
    """A credential that a server with another time may accept stays."""
    text = core.sessions.issue(core.sign_in(user)).text
    core.clock.move(hours=hours)
    refused(clear(app, f"persistauth={text}"), 409)
    core.clock.move(days=3)
    assert clear(app, f"persistauth={text}").status == 200


def test_clear_two(app: Starlette, core: CoreApp, user: User) -> None:
    """Two cookies of one name are invalid, so they are deleted."""
    text = core.sessions.issue(core.sign_in(user)).text
    assert clear(app, f"persistauth={text}; persistauth=x").status == 200


@pytest.mark.parametrize("call", [0, 1])
def test_store_that_fails(app: Starlette, core: CoreApp, code: str, call: int) -> None:
    """If the store fails, no cookie is set, and the response reveals nothing of the fault."""
    core.tokens.reset(fail_at=call)
    answer = hand_off(app, code)
    refused(answer, 503)
    assert b"canary" not in answer.body


@pytest.mark.parametrize("store", ["tokens", "users"])
def test_store_that_fails_clears_nothing(
    app: Starlette, core: CoreApp, user: User, store: str
) -> None:
    """While the store fails, a credential is not deleted."""
    text = core.sessions.issue(core.sign_in(user)).text
    {"tokens": core.tokens, "users": core.users}[store].reset(fail_at=0)
    refused(clear(app, f"persistauth={text}"), 503)


def test_base_path(core: CoreApp, code: str) -> None:
    """Below a base path the routes exist there and nowhere else."""
    endpoints = CookieRoutes(core.sessions, Cookies("persistauth"), clock=core.clock)
    app = Starlette(routes=endpoints.routes("/team/app"))
    assert hand_off(app, code).status == 404
    answer = post(app, "/team/app" + HANDOFF_PATH, {"code": code})
    assert answer.status == 200
    assert "Path=/" in answer.cookies[0].split("; ")


def test_two_apps(core: CoreApp, code: str) -> None:
    """The browser cookie of another app on the same host is refused."""
    endpoints = CookieRoutes(core.sessions, Cookies("other"), clock=core.clock)
    app = Starlette(routes=endpoints.routes(""))
    refused(hand_off(app, code), 400)


def test_nothing_happens_to_a_stranger(app: Starlette, core: CoreApp, user: User) -> None:
    """A refusal revokes no sign-in."""
    text = core.sessions.issue(core.sign_in(user)).text
    hand_off(app, "nonsense")
    clear(app, "persistauth=x")
    try:
        core.sessions.resume(text)
    except InvalidToken:
        pytest.fail("a refusal ended a sign-in")
