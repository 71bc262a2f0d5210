"""The frame of streamlit-cookies-controller in a plain app."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Route, expect
from tests.browser.page_sockets import PageSockets
from tests.browser.polling import until
from tests.browser.tab import Tab
from tests.browser.watcher import login_form_was_drawn
from tests.support.account import Account
from tests.support.nginx import Nginx
from tests.support.server import AppServer
from tests.support.shared_servers import with_caches

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FRAME = "iframe[title*=cookie_controller]"
POLICY = "script-src 'self'; frame-src 'self'; frame-ancestors 'self'"
SCRIPT = "**/component/streamlit_cookies_controller.*/static/**"


@pytest.fixture(params=["plain"])
def mode(request: pytest.FixtureRequest) -> str:
    """How the app is served: where our routes can set the cookie, there is no frame."""
    return str(request.param)


@pytest.fixture
def settings() -> dict[str, str]:
    """The app keeps its credential through the package."""
    return with_caches("cookies_controller")


def click(tab: Tab, turn: int) -> None:
    """Have the page run once more."""
    tab.button("Click me").click()
    expect(tab.page.get_by_text(f"Clicks: {turn}", exact=True)).to_be_visible()


def test_slow_frame(tab: Tab, ada: Account, browser: BrowserContext) -> None:
    """The write is not lost while the frame loads slowly and the page runs again and again."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    browser.route(SCRIPT, hold)
    tab.fill_sign_in(ada.email, ada.password)
    tab.expect_dashboard_of(ada)
    until(tab.page, lambda: bool(held), "the frame loads its script")
    for turn in (1, 2, 3):
        click(tab, turn)
    assert tab.jar.credential() is None
    assert len(held) == 1
    held[0].continue_()
    tab.jar.stored()
    tab.reload()
    tab.expect_dashboard_of(ada)
    assert not login_form_was_drawn(tab.page)
    expect(tab.page.locator(FRAME)).to_have_count(0)


def test_newer_cookie(tab: Tab, ada: Account, browser: BrowserContext) -> None:
    """The frame is removed after its time, so it overwrites no newer cookie of another tab."""
    sockets = PageSockets(tab.page)
    tab.page.clock.install()
    tab.reload()
    tab.sign_in(ada)
    tab.expect_settled()
    expect(tab.page.locator(FRAME)).to_have_count(1)
    tab.page.clock.fast_forward("00:31")
    expect(tab.page.locator(FRAME)).to_have_count(0)
    tab.jar.put(tab.jar.stored(), value="newer")
    sockets.lose_and_wait()
    tab.expect_settled()
    assert tab.jar.stored()["value"] == "newer"


@pytest.fixture
def proxy(app: AppServer, tmp_path: Path) -> Iterator[Nginx]:
    """A proxy that sends a policy."""
    header = f'add_header Content-Security-Policy "{POLICY}";'
    proxy = Nginx(tmp_path / "nginx", app.port, tls=False, extra=header)
    proxy.start()
    yield proxy
    proxy.stop()


def test_policy(proxy: Nginx, ada: Account, browser: BrowserContext) -> None:
    """Under a policy without inline scripts and frames of other sites the user stays signed in."""
    tab = Tab(browser.new_page(), proxy.url)
    dashboard = tab.page.get_by_role("heading", name="Dashboard").first
    tab.open()
    tab.fill_sign_in(ada.email, ada.password)
    expect(dashboard).to_be_visible()
    tab.jar.stored()
    tab.reload()
    expect(dashboard).to_be_visible()
    assert not login_form_was_drawn(tab.page)
    tab.button("Log out").click()
    expect(tab.button("Sign in")).to_be_visible()
    tab.jar.wait_until_empty()
