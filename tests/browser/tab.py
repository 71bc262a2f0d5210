"""A tab of a browser, driven by visible names."""

import re
from dataclasses import dataclass

from playwright.sync_api import Cookie, Locator, Page, expect
from tests.browser.browser_storage import BrowserStorage
from tests.browser.jar import Jar
from tests.browser.polling import until
from tests.support.account import Account

MOST_KEYS = 40
REGISTER = re.compile("^Create (an|the first) account$")
IS_NOTIFIED = (
    "() => [...(globalThis.persistauthTabs ?? new Map()).values()].some((app) => app.signIn)"
)
"""Whether the script `tab_sync.js` listens for the end of the page's sign-in."""
PRESS_OR_GONE = """label => {
  const buttons = [...document.querySelectorAll("button")];
  const button = buttons.find((one) => one.textContent.trim() === label);
  if (button?.disabled) return false;  // while the page has no connection
  button?.click();
  return true;
}"""


def type_into(field: Locator, text: str) -> None:
    """Replace the text of a field by typing."""
    browser = field.page.context.browser
    if browser is None or browser.browser_type.name != "firefox":
        field.fill(text)
        return
    # Streamlit ignores what Playwright's fill() puts into a field of Firefox.
    field.click()
    field.press("Control+a")
    field.press("Delete")
    field.press_sequentially(text)


@dataclass(frozen=True)
class Tab:
    """An app in a tab."""

    page: Page
    url: str

    @property
    def jar(self) -> Jar:
        """The cookies of this tab's browser."""
        return Jar(self.page)

    def open(self) -> None:
        """Go to the app."""
        self.page.goto(self.url)

    def reload(self) -> None:
        """Press F5."""
        self.page.reload()

    def come_back_with(self, cookie: Cookie, **changes: str | float) -> None:
        """Leave the app, put a cookie back with changes, and open the app again.

        Leaving first ends the page's scripts: in a plain app one of them writes a new cookie, or
        clears a bad one, twice within some milliseconds, and must not meet the one put back.
        """
        self.page.goto("about:blank")
        self.jar.put(cookie, **changes)
        self.open()

    def another(self) -> "Tab":
        """Open the app in a second tab of the same browser."""
        tab = Tab(self.page.context.new_page(), self.url)
        tab.open()
        return tab

    def field(self, label: str) -> Locator:
        """Find a text field by its label.

        Until the end of a run Streamlit keeps a field that another one has replaced; it is hidden.
        """
        return self.page.get_by_label(label, exact=True).filter(visible=True)

    def type(self, label: str, text: str) -> None:
        """Replace the text of a text field by typing."""
        type_into(self.field(label), text)

    def button(self, label: str) -> Locator:
        """Find a button by its text."""
        return self.page.get_by_role("button", name=label, exact=True)

    def fill_sign_in(self, email: str, password: str, *, remember: bool | None = True) -> None:
        """Fill the login form and send it. With `remember=None` there is no checkbox."""
        self._expect_form("Sign in", instead_of="Create account")
        self.type("Email", email)
        self.type("Password", password)
        if remember is not None:
            self._tick("Keep me signed in", on=remember)
        self.button("Sign in").click()

    def sign_in(self, account: Account, *, remember: bool = True) -> None:
        """Sign in, wait for the dashboard, and until the browser keeps what it gets."""
        if not remember:
            with self.jar.browser_cookie_changes():
                self._sign_in(account, remember=False)
            return
        kept = BrowserStorage(self.page)
        before = kept.everything()  # of the user who has just signed out
        self._sign_in(account, remember=True)
        until(self.page, lambda: kept.everything() not in ({}, before), "a credential is kept")

    def open_register(self) -> None:
        """Open the registration form from the login page, unless it is shown at once."""
        link = self.page.get_by_role("button", name=REGISTER)
        expect(link.or_(self.button("Create account"))).to_be_visible()
        if link.is_visible():
            link.click()
        self._expect_form("Create account", instead_of="Sign in")

    def register(self, account: Account) -> None:
        """Create an account, starting at the page of a signed-out visitor."""
        self.open_register()
        self.fill_register(account, account.password)

    def fill_register(self, account: Account, confirmation: str) -> None:
        """Fill the registration form and send it."""
        self.type_register(account, confirmation)
        self.button("Create account").click()

    def type_register(self, account: Account, confirmation: str) -> None:
        """Fill the registration form, and wait until the password has been rated."""
        self.type("Full name", account.full_name)
        self.type("Email", account.email)
        self.type("Password", account.password)
        self.type("Confirm password", confirmation)
        # A press during the run that rates the password can be lost between the two of them.
        expect(self.page.locator(".persistauth-meter[aria-busy=true]")).to_have_count(0)
        self.expect_settled()

    def reach(self, target: Locator, key: str = "Tab") -> None:
        """Move the focus to an element by pressing one key.

        Raises:
            AssertionError: The element was not reached.
        """
        for _ in range(MOST_KEYS):
            if target.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press(key)
        raise AssertionError(f"{key} does not get there")

    def click_on(self, label: str) -> None:
        """Press a button, unless the page removes it first."""
        self.page.wait_for_function(PRESS_OR_GONE, arg=label)

    def expect_notified(self) -> None:
        """Wait until the page notices that its sign-in is over.

        In a plain app that is what one of its scripts does, which runs after the page is drawn.
        """
        if not self.jar.browser_cookies():
            self.page.wait_for_function(IS_NOTIFIED)

    def expect_dashboard_of(self, account: Account) -> None:
        """Wait until the protected page is drawn for this user, to its end."""
        expect(self.page.get_by_role("heading", name="Dashboard").first).to_be_visible()
        expect(self.page.get_by_text(account.full_name, exact=True)).to_be_visible()
        self.expect_settled()
        self.expect_no_fault()

    def expect_login_page(self) -> None:
        """Wait until only the login form is shown, without an error."""
        expect(self.button("Sign in")).to_be_visible()
        expect(self.field("Password")).to_be_visible()
        expect(self.page.get_by_role("heading", name="Dashboard")).to_have_count(0)
        expect(self.button("Log out")).to_have_count(0)
        self.expect_settled()
        self.expect_no_fault()

    def expect_refusal(self) -> None:
        """Wait until the form shows one sentence of refusal, and nothing protected."""
        alert = self.page.get_by_test_id("stAlert")
        expect(alert).to_be_visible()
        expect(alert).to_have_text(re.compile(r"^[^\n]{10,150}[.!]$"))
        self.expect_settled()
        expect(self.page.get_by_role("heading", name="Dashboard")).to_have_count(0)
        self._expect_no_traceback()

    def expect_no_fault(self) -> None:
        """Expect no exception and no error on the page."""
        expect(self.page.get_by_test_id("stAlertContentError")).to_have_count(0)
        self._expect_no_traceback()

    def expect_settled(self) -> None:
        """Wait until no script is running."""
        expect(self.page.get_by_test_id("stApp")).to_have_attribute(
            "data-test-script-state", "notRunning"
        )

    def _sign_in(self, account: Account, *, remember: bool) -> None:
        self.fill_sign_in(account.email, account.password, remember=remember)
        self.expect_dashboard_of(account)

    def _expect_form(self, label: str, *, instead_of: str) -> None:
        # Streamlit keeps the former form until the run has ended.
        expect(self.button(label)).to_be_visible()
        expect(self.button(instead_of)).to_have_count(0)
        self.expect_settled()

    def _expect_no_traceback(self) -> None:
        expect(self.page.get_by_test_id("stException")).to_have_count(0)
        expect(self.page.locator("body")).not_to_contain_text("Traceback")

    def _tick(self, label: str, *, on: bool) -> None:
        # Streamlit hides the real checkbox; a person clicks on the words.
        box = self.page.get_by_role("checkbox", name=label, exact=True)
        if box.is_checked() != on:
            self.page.get_by_text(label, exact=True).click()
        expect(box).to_be_checked(checked=on)
