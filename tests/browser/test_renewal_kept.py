"""Renewal with each cache: a lost write does not sign out."""

import os
from collections.abc import Callable
from itertools import product

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.browser.browser_storage import BrowserStorage
from tests.browser.polling import until
from tests.browser.selection import MODES
from tests.browser.tab import Tab
from tests.browser.watcher import login_form_was_drawn
from tests.support.account import Account
from tests.support.server import AppServer
from tests.support.shared_servers import with_caches

pytestmark = pytest.mark.browser

RELOADS = int(os.environ.get("TEST_RELOADS", "10"))
"""A hundred with `make reloads`."""
TABS = 3
CACHES = ("cookie", "local_storage", "query_param")


@pytest.fixture
def settings(caches: str) -> dict[str, str]:
    """An app whose credentials are due for renewal at every visit."""
    return with_caches(caches, PERSISTAUTH_RENEWAL="on", TOKEN_EXPIRY_HOURS="0.00001")


def time_passes(app: AppServer) -> None:
    """Move renewals back, so that a successor that was never used is given up."""
    app.database.execute(
        "UPDATE auth_tokens SET successor_at = datetime(successor_at, '-1 hour'), "
        "rotated_at = datetime(rotated_at, '-1 hour')"
    )


def wait_for_another(tab: Tab, before: dict[str, str]) -> None:
    """Wait until the same place holds another value."""
    kept = BrowserStorage(tab.page)
    until(tab.page, lambda: kept.everything() not in ({}, before), "what is kept was replaced")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "caches"), [*product(MODES, CACHES), ("plain", "cookies_controller")]
)
def test_renewed(tab: Tab, ada: Account, app: AppServer, caches: str) -> None:
    """Each F5 renews the credential without showing the form."""
    tab.sign_in(ada)
    for _ in range(3):
        before = BrowserStorage(tab.page).everything()
        tab.reload()
        tab.expect_dashboard_of(ada)
        wait_for_another(tab, before)
        assert not login_form_was_drawn(tab.page)
    if caches != "query_param":
        until(
            tab.page,
            lambda: app.database.events().count("session_renewed") >= 2,
            "the new one came back",
        )
    assert "reuse_detected" not in app.database.events()


@pytest.fixture
def lose_writes(browser: BrowserContext, caches: str) -> Callable[[], None]:
    """Returns a function after which the browser loses every write."""
    return lambda: _lose_writes(browser, caches)


def _lose_writes(browser: BrowserContext, caches: str) -> None:
    if caches == "cookie":
        browser.add_init_script(
            "const kept = Object.getOwnPropertyDescriptor(Document.prototype, 'cookie');"
            "Object.defineProperty(document, 'cookie',"
            " {get: () => kept.get.call(document), set() {}});"
        )
    elif caches == "local_storage":
        browser.add_init_script(
            "Object.defineProperty(Storage.prototype, 'setItem', {value() { throw Error() }});"
        )
    else:
        browser.add_init_script("history.replaceState = () => {}; history.pushState = () => {};")


@pytest.mark.parametrize(
    ("mode", "caches"),
    [
        ("plain", "cookie"),  # no page can lose one that our middleware sets
        pytest.param("plain", "local_storage", marks=pytest.mark.slow),
        pytest.param("plain", "query_param", marks=pytest.mark.slow),
        pytest.param("served", "local_storage", marks=pytest.mark.slow),
        pytest.param("served", "query_param", marks=pytest.mark.slow),
    ],
)
def test_lost_writes(
    tab: Tab, ada: Account, app: AppServer, caches: str, lose_writes: Callable[[], None]
) -> None:
    """While the browser loses every write, F5 still shows the page."""
    tab.sign_in(ada)
    lose_writes()
    before = BrowserStorage(tab.page).everything()
    for _ in range(3):
        tab.reload()
        tab.expect_dashboard_of(ada)
        tab.expect_settled()
        assert not login_form_was_drawn(tab.page)
        assert BrowserStorage(tab.page).everything() == before
        if caches != "query_param":
            time_passes(app)
    assert "reuse_detected" not in app.database.events()


@pytest.mark.slow
@pytest.mark.parametrize("caches", CACHES)
def test_closed_in_the_middle(
    tab: Tab, ada: Account, app: AppServer, browser: BrowserContext, caches: str
) -> None:
    """A tab that is closed before the renewed credential is stored does not sign out."""
    tab.sign_in(ada)
    for _ in range(5):
        address, before = tab.page.url, BrowserStorage(tab.page).everything()
        tab.page.goto(address, wait_until="commit")
        tab.page.close(run_before_unload=True)  # which does not wait for the page
        tab = Tab(browser.new_page(), address)
        tab.open()
        tab.expect_dashboard_of(ada)
        BrowserStorage(tab.page).wait_for(caches)
        if caches == "query_param":
            wait_for_another(tab, before)
    assert not login_form_was_drawn(tab.page)
    assert "reuse_detected" not in app.database.events()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["served"])
@pytest.mark.parametrize("caches", CACHES)
def test_three_tabs_at_once(
    tab: Tab, ada: Account, app: AppServer, browser: BrowserContext, caches: str
) -> None:
    """Three tabs that reload at once, repeatedly, stay signed in and never show the form."""
    tab.sign_in(ada)
    tabs = [tab, *(Tab(browser.new_page(), app.url) for _ in range(TABS - 1))]
    for other in tabs[1:]:
        other.open()
        if caches == "query_param":
            other.sign_in(ada)
        other.expect_dashboard_of(ada)
    for turn in range(RELOADS):
        for one in tabs:
            one.page.evaluate("leaving = true; setTimeout(() => location.reload())")
        for one in tabs:
            one.page.wait_for_function("!window.leaving && document.querySelector('h1')")
            assert not login_form_was_drawn(one.page)
        if turn % 10 == 9:
            time_passes(app)
    for one in tabs:
        one.reload()
        one.expect_dashboard_of(ada)
        expect(one.button("Sign in")).to_have_count(0)
    assert "reuse_detected" not in app.database.events()
