import pytest
from playwright.sync_api import expect
from tests.browser.tab import Tab

pytestmark = pytest.mark.browser


def test_login_form_tells_a_password_manager_what_to_fill(tab: Tab) -> None:
    """The login form asks for the stored name and the current password."""
    expect(tab.field("Email")).to_have_attribute("autocomplete", "username")
    expect(tab.field("Password")).to_have_attribute("autocomplete", "current-password")
    expect(tab.field("Password")).to_have_attribute("type", "password")


def test_register_form_tells_a_password_manager_what_to_keep(tab: Tab) -> None:
    """The registration form asks for a name to store and twice for a new password."""
    tab.open_register()
    expect(tab.field("Email")).to_have_attribute("autocomplete", "username")
    for label in ("Password", "Confirm password"):
        expect(tab.field(label)).to_have_attribute("autocomplete", "new-password")
        expect(tab.field(label)).to_have_attribute("type", "password")
