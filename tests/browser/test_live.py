"""Open tabs whose session is revoked elsewhere."""

import pytest
from playwright.sync_api import expect
from tests.browser.polling import until
from tests.browser.selection import plain_first
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.server import AppServer

pytestmark = pytest.mark.browser

SECONDS = 1.0
"""The documented time for the tabs of this server."""


def turned_after(tab: Tab) -> float:
    """Wait until only the sign-in form is shown; return the seconds that it took."""
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
    """An idle tab shows the form after a revocation, and signs in again without a reload."""
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
    """An idle tab of a plain app rechecks its session by itself, where that is set."""
    tab.sign_in(ada)
    tab.button("Click me").click()
    expect(tab.page.get_by_text("Clicks: 1")).to_be_visible()
    app.database.execute("DELETE FROM auth_tokens")
    tab.expect_login_page()


@plain_first
def test_logged_out_in_another_tab(tab: Tab, ada: Account) -> None:
    """A log-out in one tab signs the other tabs of that browser out."""
    tab.sign_in(ada)
    other = tab.another()
    other.expect_dashboard_of(ada)
    other.expect_notified()
    tab.button("Log out").click()
    other.expect_login_page()
    tab.expect_login_page()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["plain"])
def test_logged_out_after_a_while(tab: Tab, ada: Account) -> None:
    """A tab still learns of a log-out when the hidden element is no longer drawn."""
    tab.sign_in(ada)
    other = tab.another()
    other.expect_dashboard_of(ada)
    told = other.page.locator(".st-key-persistauth-hidden-persistauth")
    expect(told).to_be_attached()

    def click_and_look() -> bool:
        other.button("Click me").click()
        other.expect_settled()
        return told.count() == 0

    until(other.page, click_and_look, "the page draws its notice no more")
    tab.button("Log out").click()
    other.expect_login_page()


@pytest.mark.slow
def test_somebody_else_in_another_tab(tab: Tab, ada: Account, bob: Account) -> None:
    """After a sign-in as another user, no other tab shows the former user."""
    tab.sign_in(ada)
    other = tab.another()
    other.expect_dashboard_of(ada)
    other.expect_notified()
    tab.button("Log out").click()
    tab.expect_login_page()
    tab.sign_in(bob)
    other.expect_login_page()
    expect(other.page.get_by_text(ada.full_name)).to_have_count(0)
    other.reload()
    other.expect_dashboard_of(bob)


@pytest.mark.slow
def test_another_sign_in_stays(tab: Tab, ada: Account, bob: Account) -> None:
    """Two tabs with sessions of their own do not affect each other."""
    tab.sign_in(ada, remember=False)
    other = tab.another()
    other.sign_in(bob, remember=False)
    tab.button("Log out").click()
    tab.expect_login_page()
    other.button("Click me").click()
    expect(other.page.get_by_text("Clicks: 1")).to_be_visible()
    other.expect_dashboard_of(bob)
