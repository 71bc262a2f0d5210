"""Open tabs whose sign-in ends elsewhere, in a real browser."""

import pytest
from playwright.sync_api import expect
from tests.browser.polling import until
from tests.browser.selection import plain_first
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.server import AppServer

pytestmark = pytest.mark.browser

SECONDS = 1.0
"""What is promised for the tabs of this server."""


def turned_after(tab: Tab) -> float:
    """Wait for the sign-in form to stand alone; return after how many seconds it did."""
    return float(
        tab.page.evaluate(
            """() => new Promise(resolve => {
                const begun = performance.now()
                const look = () => {
                    const gone = !document.body.innerText.includes("Dashboard")
                    const form = document.querySelector('input[type="password"]')
                    if (gone && form) resolve((performance.now() - begun) / 1000)
                    else requestAnimationFrame(look)
                }
                look()
            })"""
        )
    )


@pytest.mark.parametrize("mode", ["served"])
def test_deleted_by_sql(tab: Tab, ada: Account, app: AppServer) -> None:
    """An idle tab shows the sign-in form, and can be signed in on without a reload."""
    tab.sign_in(ada)
    app.database.execute("DELETE FROM auth_tokens")
    assert turned_after(tab) < 5 * SECONDS
    tab.expect_login_page()
    tab.sign_in(ada)
    tab.button("Click me").click()
    expect(tab.page.get_by_text("Clicks: 1")).to_be_visible()


@pytest.mark.parametrize("mode", ["plain"])
@pytest.mark.parametrize("settings", [{"PERSISTAUTH_RECHECK_SECONDS": "0.5"}])
def test_rechecked(tab: Tab, ada: Account, app: AppServer) -> None:
    """An idle tab of a plain app asks again by itself, where the app has it so."""
    tab.sign_in(ada)
    tab.button("Click me").click()
    expect(tab.page.get_by_text("Clicks: 1")).to_be_visible()
    app.database.execute("DELETE FROM auth_tokens")
    tab.expect_login_page()


def test_logged_out_in_another_tab(tab: Tab, ada: Account) -> None:
    """A log-out in one tab turns the other tabs of that browser."""
    tab.sign_in(ada)
    other = tab.another()
    other.expect_dashboard_of(ada)
    tab.button("Log out").click()
    other.expect_login_page()
    tab.expect_login_page()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["plain"])
def test_logged_out_after_a_while(tab: Tab, ada: Account) -> None:
    """A tab goes on listening when what told it to is drawn no more."""
    tab.sign_in(ada)
    other = tab.another()
    other.expect_dashboard_of(ada)
    told = other.page.locator(".st-key-persistauth_hidden_persistauth")
    expect(told).to_be_attached()

    def click_and_look() -> bool:
        other.button("Click me").click()
        other.expect_settled()
        return told.count() == 0

    until(other.page, click_and_look, "the page draws its notice no more")
    tab.button("Log out").click()
    other.expect_login_page()


@plain_first
def test_somebody_else_in_another_tab(tab: Tab, ada: Account, bob: Account) -> None:
    """Signing in as somebody else in one tab leaves the old name in no other."""
    tab.sign_in(ada)
    other = tab.another()
    other.expect_dashboard_of(ada)
    tab.button("Log out").click()
    tab.expect_login_page()
    tab.sign_in(bob)
    other.expect_login_page()
    expect(other.page.get_by_text(ada.full_name)).to_have_count(0)
    other.reload()
    other.expect_dashboard_of(bob)


@pytest.mark.slow
def test_another_sign_in_stays(tab: Tab, ada: Account, bob: Account) -> None:
    """Tabs of two sign-ins don't disturb each other."""
    tab.sign_in(ada, remember=False)
    other = tab.another()
    other.sign_in(bob, remember=False)
    tab.button("Log out").click()
    tab.expect_login_page()
    other.button("Click me").click()
    expect(other.page.get_by_text("Clicks: 1")).to_be_visible()
    other.expect_dashboard_of(bob)
