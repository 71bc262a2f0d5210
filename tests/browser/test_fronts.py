"""Each way to keep a sign-in, over HTTPS, below a path, and without cookies in the handshake."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from tests.browser import watcher
from tests.browser.kept import Kept
from tests.browser.polling import until
from tests.browser.tab import Tab
from tests.support.account import BOB, Account
from tests.support.certificate import make_certificate
from tests.support.nginx import Nginx
from tests.support.server import AppServer

pytestmark = pytest.mark.browser

CHAIN = "cookie,local_storage,query_param"
OTHERS = {
    "local_storage": "local_storage",
    "query_param": "query_param",
    CHAIN: "cookie",
}
"""Where each of the caches keeps a sign-in, but for the cookie itself."""
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
def settings(caches: str, path: str, tmp_path: Path, *, own_tls: bool) -> dict[str, str]:
    """The app uses these caches, below a path or not, over TLS or not."""
    chosen = {"TEST_CACHES": caches}
    if path:
        chosen["STREAMLIT_SERVER_BASE_URL_PATH"] = path
    if own_tls:
        certificate, key = make_certificate(tmp_path)
        chosen["STREAMLIT_SERVER_SSL_CERT_FILE"] = str(certificate)
        chosen["STREAMLIT_SERVER_SSL_KEY_FILE"] = str(key)
    return chosen


@pytest.fixture
def path() -> str:
    """At the top of the host."""
    return ""


@pytest.fixture
def own_tls() -> bool:
    """Streamlit itself speaks HTTP."""
    return False


@pytest.fixture
def context(engine: Browser) -> Iterator[BrowserContext]:
    """A browser that trusts any certificate."""
    context = engine.new_context(ignore_https_errors=True)
    watcher.watch(context)
    yield context
    context.close()


def main_way(tab: Tab, account: Account, place: str) -> None:
    """Sign in, F5 without a form, away and back, another tab, sign out."""
    tab.open()
    tab.fill_sign_in(account.email, account.password)
    tab.expect_dashboard_of(account)
    Kept(tab.page).wait_for(place)
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
    Kept(tab.page).wait_for()
    tab.reload()
    tab.expect_login_page()


@pytest.mark.parametrize(
    ("caches", "place", "path", "own_tls"),
    [
        ("cookie", "cookie", "", True),
        ("cookie", "cookie", "team/app", False),
        *((caches, place, "team/app", True) for caches, place in OTHERS.items()),
    ],
    ids=["https", "path", "item", "handle", "all"],
)
def test_main_way(
    app: AppServer,
    ada: Account,
    context: BrowserContext,
    place: str,
    path: str,
    *,
    own_tls: bool,
) -> None:
    """Everything works over Streamlit's own TLS, and below a path."""
    tab = Tab(context.new_page(), app.url)
    main_way(tab, ada, place)
    if place == "cookie":
        tab.sign_in(ada)
        cookie = tab.jar.stored()
        name = "persistauth-team-app-e46f7d74" if path else "persistauth"
        expected = (f"__Host-{name}", "/") if own_tls else (name, f"/{path}")
        assert (cookie["name"], cookie["path"], cookie["secure"]) == (*expected, own_tls)


@pytest.mark.parametrize(
    ("caches", "place"),
    OTHERS.items(),  # for cookies see test_proxy.py
    ids=["item", "handle", "all"],
)
def test_https_by_a_proxy(
    app: AppServer, ada: Account, context: BrowserContext, place: str, tmp_path: Path
) -> None:
    """Everything works where a proxy ends TLS."""
    proxy = Nginx(tmp_path / "nginx", app.port, tls=True)
    proxy.start()
    main_way(Tab(context.new_page(), proxy.url), ada, place)
    proxy.stop()


@pytest.mark.parametrize(
    ("mode", "caches", "place"),
    [
        ("plain", "cookie", "cookie"),
        ("plain", CHAIN, "cookie"),
        ("plain", "local_storage", "local_storage"),
        ("served", CHAIN, "local_storage"),
        ("served", "query_param", "query_param"),
    ],
)
def test_no_cookies_in_the_handshake(
    app: AppServer, ada: Account, context: BrowserContext, place: str, tmp_path: Path
) -> None:
    """Where a proxy takes the cookies out, the page is asked for them, behind a placeholder.

    One that a script can't read is not written in the first place.
    """
    proxy = Nginx(tmp_path / "nginx", app.port, tls=False, extra=STRIPS)
    proxy.start()
    main_way(Tab(context.new_page(), proxy.url), ada, place)
    proxy.stop()


@pytest.mark.parametrize(("mode", "caches"), [("served", "cookie")])
def test_no_way_at_all(
    app: AppServer, ada: Account, context: BrowserContext, tmp_path: Path
) -> None:
    """Where a proxy takes away the cookies that no script can read, the person is told."""
    proxy = Nginx(tmp_path / "nginx", app.port, tls=False, extra=STRIPS)
    proxy.start()
    tab = Tab(context.new_page(), proxy.url)
    tab.open()
    tab.fill_sign_in(ada.email, ada.password)
    tab.expect_dashboard_of(ada)
    expect(tab.page.get_by_text("This browser does not keep your sign-in.")).to_be_visible()
    tab.reload()
    tab.expect_login_page()
    proxy.stop()


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


@pytest.mark.parametrize("caches", ["cookie"])
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
