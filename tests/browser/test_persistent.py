import pytest
from playwright.sync_api import BrowserContext, expect
from tests.browser.tab import Tab
from tests.browser.watcher import WELCOME, login_form_was_drawn, times_shown
from tests.support.account import ADA, Account
from tests.support.server import AppServer

pytestmark = pytest.mark.browser


def expect_resumed(tab: Tab, account: Account) -> None:
    """The dashboard came with no login form before it and with one welcome, also after a click."""
    tab.expect_dashboard_of(account)
    tab.expect_settled()
    tab.button("Click me").click()
    expect(tab.page.get_by_text("Clicks: 1", exact=True)).to_be_visible()
    tab.expect_settled()
    assert not login_form_was_drawn(tab.page)
    assert times_shown(tab.page, WELCOME) == 1


def test_the_whole_way(tab: Tab, app: AppServer, browser: BrowserContext) -> None:
    """A session survives F5, a closed tab and a restart, works in a second tab, and ends."""
    tab.register(ADA)
    tab.expect_dashboard_of(ADA)
    tab.button("Log out").click()
    tab.sign_in(ADA)
    assert login_form_was_drawn(tab.page)
    assert times_shown(tab.page, WELCOME) == 0
    for _ in range(2):
        tab.reload()
        expect_resumed(tab, ADA)
    tab.page.close()
    reopened = Tab(browser.new_page(), app.url)
    reopened.open()
    expect_resumed(reopened, ADA)
    app.restart()
    reopened.reload()
    expect_resumed(reopened, ADA)
    second = reopened.another()
    expect_resumed(second, ADA)
    reopened.reload()
    expect_resumed(reopened, ADA)
    second.button("Log out").click()
    second.expect_login_page()
    reopened.reload()
    reopened.expect_login_page()
