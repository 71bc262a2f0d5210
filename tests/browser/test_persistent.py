import pytest
from playwright.sync_api import BrowserContext, expect
from tests.browser.tab import Tab
from tests.browser.watcher import login_form_was_drawn, welcomes
from tests.support.account import ADA, Account
from tests.support.server import AppServer

pytestmark = pytest.mark.browser


def expect_resumed(tab: Tab, account: Account) -> None:
    """The dashboard came with no login form before it and with one welcome, also after a click."""
    tab.expect_dashboard_of(account)
    tab.expect_settled()
    expect(tab.page.get_by_text("Welcome back!")).to_have_count(1)
    tab.button("Click me").click()
    expect(tab.page.get_by_text("Clicks: 1", exact=True)).to_be_visible()
    tab.expect_settled()
    assert not login_form_was_drawn(tab.page)
    assert welcomes(tab.page) == 1


def test_f5_keeps_signed_in(tab: Tab, ada: Account) -> None:
    """F5 shows the dashboard at once, however often; a first sign-in is no coming back."""
    tab.sign_in(ada)
    assert login_form_was_drawn(tab.page)
    assert welcomes(tab.page) == 0
    for _ in range(2):
        tab.reload()
        expect_resumed(tab, ada)


def test_closing_the_tab_keeps_signed_in(
    tab: Tab, ada: Account, app: AppServer, browser: BrowserContext
) -> None:
    """A tab closed and opened again shows the dashboard at once."""
    tab.sign_in(ada)
    tab.page.close()
    reopened = Tab(browser.new_page(), app.url)
    reopened.open()
    expect_resumed(reopened, ada)


def test_second_tab_is_signed_in(tab: Tab, ada: Account) -> None:
    """A second tab shows the dashboard at once, and the first one stays signed in."""
    tab.sign_in(ada)
    expect_resumed(tab.another(), ada)
    tab.reload()
    expect_resumed(tab, ada)


def test_restarting_the_server_keeps_signed_in(tab: Tab, ada: Account, app: AppServer) -> None:
    """After a restart of the server, F5 shows the dashboard at once."""
    tab.sign_in(ada)
    app.restart()
    tab.reload()
    expect_resumed(tab, ada)


def test_the_whole_way(tab: Tab, app: AppServer) -> None:
    """A person registers, signs in, refreshes, outlives a restart, opens a tab, signs out."""
    tab.register(ADA)
    tab.expect_dashboard_of(ADA)
    tab.button("Log out").click()
    tab.sign_in(ADA)
    tab.reload()
    expect_resumed(tab, ADA)
    app.restart()
    tab.reload()
    expect_resumed(tab, ADA)
    second = tab.another()
    expect_resumed(second, ADA)
    second.button("Log out").click()
    second.expect_login_page()
    tab.reload()
    tab.expect_login_page()
