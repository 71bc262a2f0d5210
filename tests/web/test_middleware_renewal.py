from datetime import timedelta

import pytest
from starlette.types import Receive, Scope, Send
from tests.support.asgi import Answer, request
from tests.support.house import House

from streamlit_persistauth.core.lifetime import Lifetime
from streamlit_persistauth.models import Credential
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.middleware import AuthMiddleware

HTML = {"Accept": "text/html", "Host": "app.example"}


@pytest.fixture
def house() -> House:
    """An app that renews."""
    return House(lifetime=Lifetime(timedelta(hours=1), renewal=timedelta(days=30)))


@pytest.fixture
def due(house: House) -> Credential:
    """A credential that is to be renewed."""
    credential = house.sessions.issue(house.sign_in(house.add_user()))
    house.clock.move(hours=1)
    return credential


async def page(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Serve a page."""
    headers = [(b"cache-control", b"public, max-age=60")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"the page"})


def ask(house: House, cookie: str, *, method: str = "GET", **changes: str) -> Answer:
    """Ask for a page with cookies."""
    app = AuthMiddleware(
        page, cookies=Cookies("app"), sessions=house.sessions, renewal=True, clock=house.clock
    )
    known = "app_browser=x; __Host-app_browser=x"
    headers = {**HTML, "Cookie": f"{known}; {cookie}", **changes}
    answer = request(app, method, "/", headers=headers)
    assert answer.body == b"the page"
    return answer


def test_renewed(house: House, due: Credential) -> None:
    """A page comes with the successor of a due credential, which no cache may keep."""
    answer = ask(house, f"app={due.text}")
    (cookie,) = answer.cookies
    value, *attributes = cookie.split("; ")
    rest = int(timedelta(days=30, hours=-1).total_seconds())
    assert attributes == ["Path=/", f"Max-Age={rest}", "SameSite=Lax", "HttpOnly"]
    assert answer.all("cache-control") == ["no-store"]
    successor = value.removeprefix("app=")
    assert successor != due.text
    house.sessions.resume(successor)


def test_https(house: House, due: Credential) -> None:
    """On HTTPS only the cookie with the prefix is renewed, with the prefix."""
    assert ask(house, f"app={due.text}", **{"X-Forwarded-Proto": "https"}).cookies == []
    (cookie,) = ask(house, f"__Host-app={due.text}", **{"X-Forwarded-Proto": "https"}).cookies
    assert cookie.startswith("__Host-app=")
    assert "; Secure" in cookie


def test_once(house: House, due: Credential) -> None:
    """While the successor is on its way there is no other."""
    assert len(ask(house, f"app={due.text}").cookies) == 1
    assert ask(house, f"app={due.text}").cookies == []


def test_not_due(house: House, due: Credential) -> None:
    """Before its time nothing is renewed, and the page may be cached as it was."""
    house.clock.move(seconds=-1)
    answer = ask(house, f"app={due.text}")
    assert answer.cookies == []
    assert answer.all("cache-control") == ["public, max-age=60"]


@pytest.mark.parametrize(
    "changes", [{"Accept": "image/png"}, {"Accept": "*/*"}, {"method": "POST"}]
)
def test_only_pages(house: House, due: Credential, changes: dict[str, str]) -> None:
    """Nothing but a page renews."""
    assert ask(house, f"app={due.text}", **changes).cookies == []


def test_two_cookies(house: House, due: Credential) -> None:
    """Two cookies of our name renew nothing."""
    assert ask(house, f"app={due.text}; app={due.text}").cookies == []


@pytest.mark.parametrize("cookie", ["", "app=", "app=nonsense", "app=a.b.c", "other=1"])
def test_nothing_to_renew(house: House, cookie: str) -> None:
    """What is no credential is left to the page."""
    assert ask(house, cookie).cookies == []


def test_ended(house: House, due: Credential) -> None:
    """What has ended is not renewed."""
    house.sessions.end(house.sessions.resume(due.text).session.id)
    assert ask(house, f"app={due.text}").cookies == []


def test_store_that_fails(house: House, due: Credential) -> None:
    """A store that fails costs the renewal and not the page."""
    house.tokens.reset(fail_at=0)
    assert ask(house, f"app={due.text}").cookies == []


def test_without_renewal(house: House, due: Credential) -> None:
    """An app that renews nothing asks nobody."""
    house.tokens.reset()
    app = AuthMiddleware(page, cookies=Cookies("app"), sessions=house.sessions)
    headers = {**HTML, "Cookie": f"app_browser=x; app={due.text}"}
    assert request(app, "GET", "/", headers=headers).cookies == []
    assert house.tokens.calls == []
