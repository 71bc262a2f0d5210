"""Each cache over HTTPS, below a path, and without cookies in the handshake."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext
from tests.browser import watcher
from tests.browser.browser_storage import BrowserStorage
from tests.browser.polling import until
from tests.browser.selection import MODES, cases
from tests.browser.tab import Tab
from tests.support.account import BOB, Account
from tests.support.certificate import make_certificate
from tests.support.nginx import Nginx
from tests.support.server import AppServer
from tests.support.shared_servers import with_caches

pytestmark = pytest.mark.browser

CHAIN = "cookie,local_storage,query_param"
OTHERS = ("local_storage", "query_param", CHAIN)


@dataclass(frozen=True)
class Front:
    """How an app is served, and where it keeps a sign-in."""

    caches: str = "cookie"
    path: str = ""
    own_tls: bool = False


FRONTS = {
    "http": Front(),
    "https": Front(own_tls=True),
    "path": Front(path="team/app"),
    "item": Front("local_storage", "team/app", own_tls=True),
    "url token": Front("query_param", "team/app", own_tls=True),
    "all": Front(CHAIN, "team/app", own_tls=True),
}
STRIPS = """
        location ~ /_stcore/stream$ {
            proxy_pass http://127.0.0.1:{app};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
            proxy_set_header Cookie "";
        }
"""


@pytest.fixture
def front() -> str:
    """Plain HTTP at the top of the host."""
    return "http"


@pytest.fixture
def caches(front: str) -> str:
    """What the app asks for."""
    return FRONTS[front].caches


@pytest.fixture
def settings(caches: str, front: str, tmp_path: Path) -> dict[str, str]:
    """The app uses these caches, below a path or not, over TLS or not."""
    chosen = with_caches(caches)
    if FRONTS[front].path:
        chosen["STREAMLIT_SERVER_BASE_URL_PATH"] = FRONTS[front].path
    if FRONTS[front].own_tls:
        certificate, key = make_certificate(tmp_path)
        chosen["STREAMLIT_SERVER_SSL_CERT_FILE"] = str(certificate)
        chosen["STREAMLIT_SERVER_SSL_KEY_FILE"] = str(key)
    return chosen


@pytest.fixture
def context(engine: Browser) -> Iterator[BrowserContext]:
    """A browser that trusts any certificate."""
    context = engine.new_context(ignore_https_errors=True)
    watcher.watch(context)
    yield context
    context.close()


@contextmanager
def proxied(app: AppServer, home: Path, *, tls: bool = False, extra: str = "") -> Iterator[str]:
    """Put nginx in front of an app; yield its address."""
    proxy = Nginx(home / "nginx", app.port, tls=tls, extra=extra)
    proxy.start()
    try:
        yield proxy.url
    finally:
        proxy.stop()


def main_way(tab: Tab, account: Account, place: str) -> None:
    """Sign in, F5 without a form, away and back, another tab, sign out; kept in this cache."""
    tab.open()
    tab.fill_sign_in(account.email, account.password)
    tab.expect_dashboard_of(account)
    BrowserStorage(tab.page).wait_for(place)
    for away in (False, True):
        if away:
            tab.page.goto("about:blank")
            tab.page.go_back()
        tab.reload()
        tab.expect_dashboard_of(account)
        tab.expect_settled()
        assert not watcher.login_form_was_drawn(tab.page)
    if place != "query_param":
        tab.another().expect_dashboard_of(account)
    tab.button("Log out").click()
    tab.expect_login_page()
    BrowserStorage(tab.page).wait_for()
    tab.reload()
    tab.expect_login_page()


@pytest.mark.parametrize(
    ("mode", "front"),
    cases(MODES, sorted(FRONTS.keys() - {"http"}), quick=[("served", "all")]),
)
def test_main_way(app: AppServer, ada: Account, context: BrowserContext, front: str) -> None:
    """Everything works over Streamlit's own TLS, and below a path."""
    way = FRONTS[front]
    tab = Tab(context.new_page(), app.url)
    main_way(tab, ada, "cookie" if "cookie" in way.caches else way.caches)
    if way.caches == "cookie":
        tab.sign_in(ada)
        cookie = tab.jar.stored()
        name = "persistauth-team-app-e46f7d74" if way.path else "persistauth"
        expected = (f"__Host-{name}", "/") if way.own_tls else (name, f"/{way.path}")
        assert (cookie["name"], cookie["path"], cookie["secure"]) == (*expected, way.own_tls)


@pytest.mark.slow
@pytest.mark.parametrize("caches", OTHERS)  # for cookies see test_proxy.py
def test_https_by_a_proxy(
    app: AppServer, ada: Account, context: BrowserContext, caches: str, tmp_path: Path
) -> None:
    """Everything works behind a proxy that terminates TLS."""
    with proxied(app, tmp_path, tls=True) as url:
        main_way(Tab(context.new_page(), url), ada, "cookie" if caches == CHAIN else caches)


@pytest.mark.parametrize(
    ("mode", "caches", "place"),
    [
        ("plain", "cookie", "cookie"),
        pytest.param("plain", CHAIN, "cookie", marks=pytest.mark.slow),
        pytest.param("plain", "local_storage", "local_storage", marks=pytest.mark.slow),
        pytest.param("served", CHAIN, "local_storage", marks=pytest.mark.slow),
        pytest.param("served", "query_param", "query_param", marks=pytest.mark.slow),
    ],
)
def test_no_cookies_in_the_handshake(
    app: AppServer, ada: Account, context: BrowserContext, place: str, tmp_path: Path
) -> None:
    """Where a proxy removes the Cookie header, the page reads the cookie, behind a placeholder.

    A cookie that a script can't read is not written in the first place.
    """
    with proxied(app, tmp_path, extra=STRIPS) as url:
        main_way(Tab(context.new_page(), url), ada, place)


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "caches"), [("served", "cookie")])
def test_no_way_at_all(
    app: AppServer, ada: Account, context: BrowserContext, tmp_path: Path
) -> None:
    """Where a proxy removes the cookies that no script can read, the page says so."""
    with proxied(app, tmp_path, extra=STRIPS) as url:
        tab = Tab(context.new_page(), url)
        tab.open()
        tab.fill_sign_in(ada.email, ada.password)
        tab.expect_dashboard_of(ada)
        until(
            tab.page,
            lambda: watcher.times_shown(tab.page, watcher.NOT_KEPT) == 1,
            "the notice is shown",
        )
        tab.reload()
        tab.expect_login_page()


@pytest.fixture
def other(app: AppServer, tmp_path: Path) -> Iterator[AppServer]:
    """The same app again, below a path, with a database of its own."""
    home = tmp_path / "other"
    home.mkdir()
    other = AppServer(app.script, home, {"STREAMLIT_SERVER_BASE_URL_PATH": "other"})
    BOB.register(other.settings)
    other.start()
    yield other
    other.stop()


@pytest.mark.slow
def test_two_apps_on_one_host(
    app: AppServer, other: AppServer, ada: Account, context: BrowserContext
) -> None:
    """Apps below different paths of one host keep their sign-ins apart."""
    first, second = (Tab(context.new_page(), server.url) for server in (app, other))
    first.open()
    first.sign_in(ada)
    second.open()
    second.fill_sign_in(BOB.email, BOB.password)
    second.expect_dashboard_of(BOB)
    names = {"persistauth", "persistauth-other"}
    until(
        second.page,
        lambda: {cookie["name"] for cookie in context.cookies()} >= names,
        "the browser keeps both sign-ins",
    )
    for _ in range(2):
        second.reload()
        second.expect_dashboard_of(BOB)
        first.reload()
        first.expect_dashboard_of(ada)
    first.button("Log out").click()
    first.expect_login_page()
    second.reload()
    second.expect_dashboard_of(BOB)
