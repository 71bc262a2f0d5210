import pytest
from playwright.sync_api import expect
from tests.browser.browser_storage import BrowserStorage
from tests.browser.selection import MODES, cases
from tests.browser.tab import Tab
from tests.support.account import ADA

pytestmark = pytest.mark.browser

LABELS = {"username": "Username", "either": "Email or username"}


@pytest.fixture
def settings(login_by: str) -> dict[str, str]:
    """An app whose users have usernames."""
    return {"PERSISTAUTH_LOGIN_BY": login_by}


@pytest.mark.parametrize(("login_by", "mode"), cases(LABELS, MODES, quick=[("username", "served")]))
def test_the_whole_way(tab: Tab, login_by: str) -> None:
    """A visitor registers with a username, signs out, signs in by it, and stays signed in at F5."""
    tab.open_register()
    tab.type("Full name", ADA.full_name)
    if login_by == "either":
        tab.type("Email", ADA.email)
    expect(tab.field("Username")).to_have_attribute("autocomplete", "username")
    tab.type("Username", "Ada.Lovelace")
    tab.type("Password", ADA.password)
    tab.type("Confirm password", ADA.password)
    expect(tab.page.locator(".persistauth-meter[aria-busy=true]")).to_have_count(0)
    tab.expect_settled()
    tab.button("Create account").click()
    tab.expect_dashboard_of(ADA)
    tab.button("Log out").click()
    tab.expect_login_page()
    name = tab.field(LABELS[login_by])
    expect(name).to_have_attribute("autocomplete", "username")
    tab.type(LABELS[login_by], "ada.lovelace")
    tab.type("Password", ADA.password)
    tab.button("Sign in").click()
    tab.expect_dashboard_of(ADA)
    BrowserStorage(tab.page).wait()
    tab.reload()
    tab.expect_dashboard_of(ADA)
    tab.button("Log out").click()
    tab.expect_login_page()
    tab.reload()
    tab.expect_login_page()
