from datetime import timedelta

import pytest
from starlette.types import Receive, Scope, Send
from tests.support.asgi import Answer, request
from tests.support.core_app import CoreApp

from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.models import Credential
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.middleware import AuthMiddleware

HTML = {"Accept": "text/html", "Host": "app.example"}


@pytest.fixture
def core() -> CoreApp:
    """An app that renews."""
    return CoreApp(lifetime=Lifetime(timedelta(hours=1), renewal=timedelta(days=30)))


@pytest.fixture
def due(core: CoreApp) -> Credential:
    """A credential that is due for renewal."""
    credential = core.sessions.issue(core.sign_in(core.add_user()))
    core.clock.move(hours=1)
    return credential


async def page(_scope: Scope, _receive: Receive, send: Send) -> None:
    """Serve a page."""
    headers = [(b"cache-control", b"public, max-age=60")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"the page"})


def ask(core: CoreApp, cookie: str, *, method: str = "GET", **changes: str) -> Answer:
    """Request a page with cookies."""
    app = AuthMiddleware(
        page, cookies=Cookies("app"), sessions=core.sessions, renewal=True, clock=core.clock
    )
    known = "app_browser=x; __Host-app_browser=x"
    headers = {**HTML, "Cookie": f"{known}; {cookie}", **changes}
    answer = request(app, method, "/", headers=headers)
    assert answer.body == b"the page"
    return answer


def test_renewed(core: CoreApp, due: Credential) -> None:
    """A page comes with the successor of a due credential, which no cache may store."""
    answer = ask(core, f"app={due.text}")
    (cookie,) = answer.cookies
    value, *attributes = cookie.split("; ")
    rest = int(timedelta(days=30, hours=-1).total_seconds())
    assert attributes == ["Path=/", f"Max-Age={rest}", "SameSite=Lax", "HttpOnly"]
    assert answer.all("cache-control") == ["no-store"]
    successor = value.removeprefix("app=")
    assert successor != due.text
    core.sessions.resume(successor)


def test_https(core: CoreApp, due: Credential) -> None:
    """On HTTPS only the cookie with the prefix is renewed, with the prefix."""
    assert ask(core, f"app={due.text}", **{"X-Forwarded-Proto": "https"}).cookies == []
    (cookie,) = ask(core, f"__Host-app={due.text}", **{"X-Forwarded-Proto": "https"}).cookies
    assert cookie.startswith("__Host-app=")
    assert "; Secure" in cookie


def test_once(core: CoreApp, due: Credential) -> None:
    """While the browser may be receiving the successor, there is no second one."""
    assert len(ask(core, f"app={due.text}").cookies) == 1
    assert ask(core, f"app={due.text}").cookies == []


def test_not_due(core: CoreApp, due: Credential) -> None:
    """A credential that is not due is not renewed, and the page may be cached as before."""
    core.clock.move(seconds=-1)
    answer = ask(core, f"app={due.text}")
    assert answer.cookies == []
    assert answer.all("cache-control") == ["public, max-age=60"]


@pytest.mark.parametrize(
    "changes", [{"Accept": "image/png"}, {"Accept": "*/*"}, {"method": "POST"}]
)
def test_only_pages(core: CoreApp, due: Credential, changes: dict[str, str]) -> None:
    """Only a request for a page renews."""
    assert ask(core, f"app={due.text}", **changes).cookies == []


def test_two_cookies(core: CoreApp, due: Credential) -> None:
    """Two cookies of our name renew nothing."""
    assert ask(core, f"app={due.text}; app={due.text}").cookies == []


@pytest.mark.parametrize("cookie", ["", "app=", "app=nonsense", "app=a.b.c", "other=1"])
def test_nothing_to_renew(core: CoreApp, cookie: str) -> None:
    """An invalid credential is left to the page."""
    assert ask(core, cookie).cookies == []


def test_ended(core: CoreApp, due: Credential) -> None:
    """A revoked credential is not renewed."""
    core.sessions.end(core.sessions.resume(due.text).session.id)
    assert ask(core, f"app={due.text}").cookies == []


def test_store_that_fails(core: CoreApp, due: Credential) -> None:
    """If the store fails, the page is served without a renewal."""
    core.tokens.reset(fail_at=0)
    assert ask(core, f"app={due.text}").cookies == []


def test_without_renewal(core: CoreApp, due: Credential) -> None:
    """An app without renewal does not read the store."""
    core.tokens.reset()
    app = AuthMiddleware(page, cookies=Cookies("app"), sessions=core.sessions)
    headers = {**HTML, "Cookie": f"app_browser=x; app={due.text}"}
    assert request(app, "GET", "/", headers=headers).cookies == []
    assert core.tokens.calls == []
