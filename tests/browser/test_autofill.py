import pytest
from playwright.sync_api import expect
from tests.browser.tab import Tab

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("mode", ["served"])
def test_password_managers_know_the_fields(tab: Tab) -> None:
    """The forms name the address as user name, and say which password is new."""
    tab.open_register()
    expect(tab.field("Email")).to_have_attribute("autocomplete", "username")
    for label in ("Password", "Confirm password"):
        expect(tab.field(label)).to_have_attribute("autocomplete", "new-password")
        expect(tab.field(label)).to_have_attribute("type", "password")
    tab.button("Back to sign in").click()
    tab.expect_login_page()
    expect(tab.field("Email")).to_have_attribute("autocomplete", "username")
    expect(tab.field("Password")).to_have_attribute("autocomplete", "current-password")
    expect(tab.field("Password")).to_have_attribute("type", "password")
