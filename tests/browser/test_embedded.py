"""An app in a frame of another site's page, over HTTPS."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Frame, Page, Playwright, Route, expect
from tests.browser import watcher
from tests.browser.conftest import CHROMIUM, FLAGS
from tests.browser.polling import until
from tests.browser.selection import MODES, cases
from tests.browser.tab import type_into
from tests.support.account import Account
from tests.support.certificate import make_certificate
from tests.support.server import AppServer

pytestmark = [pytest.mark.browser, pytest.mark.chromium]

HERE, THERE = "https://here.example", "https://there.example"


@pytest.fixture
def embedded() -> str:
    """Frames keep credentials."""
    return "on"


@pytest.fixture
def settings(caches: str, embedded: str, tmp_path: Path) -> dict[str, str]:
    """An app on HTTPS that two sites may embed."""
    certificate, key = make_certificate(tmp_path)
    return {
        "TEST_CACHES": caches,
        "PERSISTAUTH_EMBEDDED": embedded,
        "PERSISTAUTH_FRAME_ANCESTORS": f"{HERE} {THERE}",
        "STREAMLIT_SERVER_SSL_CERT_FILE": str(certificate),
        "STREAMLIT_SERVER_SSL_KEY_FILE": str(key),
    }


@dataclass(frozen=True)
class Site:
    """Another site, with the app in a frame of its page."""

    page: Page
    address: str

    def open(self) -> Frame:
        """Open the page, and return the frame."""
        self.page.goto(self.address)
        until(self.page, lambda: len(self.page.frames) == 2, "the frame is there")
        return self.page.frames[1]

    def expect_dashboard(self) -> None:
        """Open the page; the app is there with no login form before it."""
        frame = self.open()
        expect(frame.get_by_role("heading", name="Dashboard")).to_be_visible()
        assert not frame.evaluate("window.persistauthSeen.loginForm")

    def expect_login_page(self) -> Frame:
        """Open the page; the app shows the login form."""
        frame = self.open()
        expect(frame.get_by_label("Password", exact=True)).to_be_visible()
        return frame

    def sign_in(self, account: Account) -> None:
        """Open the page and sign in."""
        frame = self.expect_login_page()
        type_into(frame.get_by_label("Email", exact=True), account.email)
        type_into(frame.get_by_label("Password", exact=True), account.password)
        frame.get_by_role("button", name="Sign in", exact=True).click()
        expect(frame.get_by_role("heading", name="Dashboard")).to_be_visible()


@pytest.fixture
def browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium in which public pages may embed local addresses."""
    local = "--disable-features=LocalNetworkAccessChecks"
    browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, local])
    yield browser
    browser.close()


@pytest.fixture
def context(app: AppServer, browser: Browser) -> Iterator[BrowserContext]:
    """A browser that trusts any certificate, and two sites that embed the app."""
    context = browser.new_context(ignore_https_errors=True)
    watcher.watch(context)
    frame = f'<iframe src="{app.url}?embed=true" width="900" height="600"></iframe>'

    def answer(route: Route) -> None:
        route.fulfill(content_type="text/html", body=frame)

    context.route(f"{HERE}/", answer)
    context.route(f"{THERE}/", answer)
    yield context
    context.close()


def kept(context: BrowserContext, page: Page) -> bool:
    """Return whether the frame's browser keeps a credential."""
    cookies = any(cookie.get("name") == "__Host-persistauth" for cookie in context.cookies())
    return cookies or page.frames[1].evaluate("localStorage.getItem('persistauth') !== null")


@pytest.mark.parametrize(
    ("mode", "caches"),
    [
        *cases(
            MODES,
            ["cookie", "local_storage"],
            quick=[("served", "cookie")],
        ),
        pytest.param("plain", "cookies_controller", marks=pytest.mark.slow),
    ],
)
def test_own_jar_for_each_site(
    app: AppServer, ada: Account, context: BrowserContext, caches: str
) -> None:
    """A frame stays signed in over F5, and only on this site."""
    here, there = (Site(context.new_page(), f"{site}/") for site in (HERE, THERE))
    here.sign_in(ada)
    until(here.page, lambda: kept(context, here.page), "the sign-in is kept")
    here.expect_dashboard()
    if caches == "cookie":
        (cookie,) = [one for one in context.cookies() if one.get("name") == "__Host-persistauth"]
        assert cookie.get("partitionKey") == HERE
        assert (cookie.get("secure"), cookie.get("sameSite")) == (True, "None")
    there.expect_login_page()
    alone = context.new_page()
    alone.goto(app.url)
    expect(alone.get_by_label("Password", exact=True)).to_be_visible()
    frame = here.page.frames[1]
    frame.get_by_role("button", name="Log out", exact=True).click()
    expect(frame.get_by_label("Password", exact=True)).to_be_visible()
    until(here.page, lambda: not kept(context, here.page), "nothing is kept")
    here.expect_login_page()


@pytest.mark.slow
@pytest.mark.parametrize(("caches", "embedded"), [("cookie", "off")])
def test_without_the_setting(app: AppServer, ada: Account, context: BrowserContext) -> None:
    """Without the setting a frame keeps no cookie, and the page says so."""
    here = Site(context.new_page(), f"{HERE}/")
    here.sign_in(ada)
    frame = here.page.frames[1]
    until(
        here.page,
        lambda: watcher.times_shown(frame, watcher.NOT_KEPT) == 1,
        "the notice is shown",
    )
    here.expect_login_page()
