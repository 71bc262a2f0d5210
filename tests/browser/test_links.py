from collections.abc import Iterator
from email.message import Message

import pytest
from playwright.sync_api import BrowserContext, expect
from tests.browser.selection import plain_first, served_first
from tests.browser.tab import Tab
from tests.support.account import BOB, Account
from tests.support.mailserver import MailServer, link_in, serve
from tests.support.server import AppServer

pytestmark = pytest.mark.browser

NEW = "another-Kettle-94"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A mail server."""
    with serve() as server:
        yield server


@pytest.fixture
def settings(mail: MailServer) -> dict[str, str]:
    """An app that sends mail. Its public URL is not where the tests reach it."""
    return {
        "PERSISTAUTH_SMTP_URL": f"smtp://127.0.0.1:{mail.port}",
        "PERSISTAUTH_MAIL_FROM": "app@example.com",
        "PERSISTAUTH_PUBLIC_URL": "https://app.example.com",
    }


def query_of(mail: Message) -> str:
    """Return the query string of the link in a mail, whose base is the public URL."""
    base, parameter, token = link_in(mail)
    assert base == "https://app.example.com/"
    return f"?{parameter}={token}"


@served_first
def test_the_whole_way(
    tab: Tab, ada: Account, app: AppServer, mail: MailServer, browser: BrowserContext
) -> None:
    """A mailed link resets a password, once; its token leaves the address bar."""
    other = Tab(browser.new_page(), app.url)
    other.open()
    other.sign_in(ada)
    tab.page.context.clear_cookies()
    tab.reload()
    tab.button("Forgot your password?").click()
    expect(tab.button("Send reset link")).to_be_visible()
    expect(tab.button("Sign in")).to_have_count(0)
    tab.type("Email", ada.email)
    tab.button("Send reset link").click()
    expect(tab.page.get_by_text("we sent a link")).to_be_visible()
    query = query_of(mail.wait_for(1)[0])
    tab.page.goto(app.url + query)
    expect(tab.field("New password")).to_be_visible()
    expect(tab.page).to_have_url(app.url)
    tab.type("New password", NEW)
    tab.type("Confirm new password", NEW)
    tab.button("Set new password").click()
    expect(tab.page.get_by_text("Your password was changed.")).to_be_visible()
    tab.type("Email", ada.email)
    tab.type("Password", NEW)
    tab.button("Sign in").click()
    tab.expect_dashboard_of(ada)
    other.click_on("Click me")
    other.expect_login_page()
    tab.page.goto(app.url + query)
    expect(tab.page.get_by_text("This link is no longer valid.")).to_be_visible()
    assert query.partition("=")[2] not in app.log


class TestProofs:
    """An app that verifies addresses."""

    @pytest.fixture
    def settings(self, settings: dict[str, str]) -> dict[str, str]:
        """Open registration with verified addresses."""
        return settings | {
            "PERSISTAUTH_EMAIL_VERIFICATION": "on",
            "PERSISTAUTH_REGISTRATION": "open",
        }

    @plain_first
    def test_register(self, tab: Tab, app: AppServer, mail: MailServer) -> None:
        """A new user confirms by mailed link and password, and stays signed in over F5."""
        tab.register(BOB)
        expect(tab.page.get_by_text("Almost done. Please open the link")).to_be_visible()
        tab.page.goto(app.url + query_of(mail.wait_for(1)[0]))
        expect(tab.page.get_by_text("Confirm your email address")).to_be_visible()
        expect(tab.page).to_have_url(app.url)
        tab.type("Password", BOB.password)
        tab.button("Confirm").click()
        tab.expect_dashboard_of(BOB)
        tab.jar.stored()
        tab.reload()
        tab.expect_dashboard_of(BOB)
