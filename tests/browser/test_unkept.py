"""Browsers that keep less: cookies blocked, storage blocked or full."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Playwright, expect
from tests.browser import watcher
from tests.browser.browser_storage import BrowserStorage
from tests.browser.conftest import launch_kept
from tests.browser.polling import until
from tests.browser.selection import MODES, cases
from tests.browser.tab import Tab
from tests.browser.watcher import NOT_KEPT, times_shown
from tests.support.account import Account
from tests.support.server import AppServer
from tests.support.shared_servers import with_caches

pytestmark = pytest.mark.browser

STORAGE_BLOCKED = """
Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("Access is denied for this document.", "SecurityError"); },
});
"""
STORAGE_FULL = """
Object.defineProperty(Storage.prototype, "setItem", { value() {
    throw new DOMException("The quota has been exceeded.", "QuotaExceededError");
} });
"""
STORAGE_FAULTS = {"blocked": STORAGE_BLOCKED, "full": STORAGE_FULL}
CHAIN = "cookie,local_storage,query_param"


@pytest.fixture
def settings(caches: str) -> dict[str, str]:
    """The app uses these caches."""
    return with_caches(caches)


@pytest.fixture
def without_cookies(playwright: Playwright, tmp_path: Path) -> Iterator[BrowserContext]:
    """A browser with all cookies blocked, and with them, in Chromium, all storage."""
    profile = tmp_path / "profile"
    (profile / "Default").mkdir(parents=True)
    blocked = {"profile": {"default_content_setting_values": {"cookies": 2}}}
    (profile / "Default" / "Preferences").write_text(json.dumps(blocked), encoding="utf-8")
    context = launch_kept(playwright, profile)
    watcher.watch(context)
    yield context
    context.close()


def sign_in(tab: Tab, account: Account, *, told: bool) -> None:
    """Sign in, and expect the notice that nothing is kept, once, or never."""
    tab.fill_sign_in(account.email, account.password)
    tab.expect_dashboard_of(account)
    if told:
        until(tab.page, lambda: times_shown(tab.page, NOT_KEPT) > 0, "the notice is shown")
    expect(tab.page.get_by_test_id("stToast").filter(has_text=NOT_KEPT)).to_have_count(0)
    tab.button("Click me").click()
    expect(tab.page.get_by_text("Clicks: 1", exact=True)).to_be_visible()
    tab.expect_settled()
    assert times_shown(tab.page, NOT_KEPT) == (1 if told else 0)


def expect_kept(tab: Tab, account: Account, place: str) -> None:
    """Sign in, and expect the credential in this place over F5, or in none."""
    tab.open()
    sign_in(tab, account, told=not place)
    BrowserStorage(tab.page).wait_for(*filter(None, [place]))
    tab.reload()
    if place:
        tab.expect_dashboard_of(account)
        assert not watcher.login_form_was_drawn(tab.page)
    else:
        tab.expect_login_page()


@pytest.mark.chromium
@pytest.mark.parametrize(
    ("mode", "caches"),
    cases(
        MODES,
        ["cookie", "local_storage", "query_param", CHAIN],
        quick=[("plain", "cookie")],
    ),
)
def test_cookies_blocked(
    app: AppServer, ada: Account, without_cookies: BrowserContext, caches: str
) -> None:
    """Only the address is left to keep a URL token; without it the page says so, once."""
    place = "query_param" if "query_param" in caches else ""
    expect_kept(Tab(without_cookies.pages[0], app.url), ada, place)


@pytest.mark.parametrize(
    ("mode", "fault", "caches"),
    cases(
        ["plain"],
        STORAGE_FAULTS,
        ["local_storage", CHAIN, "local_storage,cookie"],
        quick=[("plain", "full", "local_storage")],
    ),
)
def test_storage_blocked(
    app: AppServer, ada: Account, engine: Browser, fault: str, caches: str
) -> None:
    """A chain uses the cookie; without one the page says that nothing is kept, once."""
    place = "cookie" if "cookie" in caches else ""
    context = engine.new_context()
    watcher.watch(context)
    context.add_init_script(STORAGE_FAULTS[fault])
    expect_kept(Tab(context.new_page(), app.url), ada, place)
    context.close()


@pytest.mark.slow
@pytest.mark.parametrize("caches", ["cookie", "local_storage"])
def test_full_in_between(
    tab: Tab, ada: Account, caches: str, mode: str, browser: BrowserContext
) -> None:
    """A write that the browser accepts and loses is noticed."""
    tab.expect_login_page()
    if caches == "local_storage":
        tab.page.evaluate(f"{{ {STORAGE_FULL} }}")
    elif mode == "served":
        browser.route("**/persistauth/handoff", lambda route: route.fulfill(json={"ok": True}))
    else:
        tab.page.evaluate("Object.defineProperty(document, 'cookie', {get: () => '', set() {}})")
    sign_in(tab, ada, told=True)
    tab.reload()
    tab.expect_login_page()
