"""Menu, account and devices in a real browser."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect
from tests.browser.tab import Tab
from tests.browser.test_accessibility import faults
from tests.support.account import AccountPanel
from tests.support.server import ROOT, AppServer
from tests.support.shared import SharedServers

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 780}
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def server(mode: str, settings: dict[str, str], servers: SharedServers) -> AppServer:
    """An app with the menu."""
    return servers.find(ROOT / "tests" / "apps" / f"account_{mode}.py", settings)


@pytest.fixture
def phone(engine: Browser, app: AppServer) -> Iterator[Tab]:
    """Another device, with the app open on it."""
    context: BrowserContext = engine.new_context(user_agent=IPHONE)
    tab = Tab(context.new_page(), app.url)
    tab.open()
    yield tab
    context.close()


def menu(tab: Tab, account: AccountPanel) -> Locator:
    """Find the button of the menu."""
    return tab.page.get_by_role("button", name=account.full_name)


def open_account(tab: Tab, account: AccountPanel, section: str = "") -> Locator:
    """Open the account, and one of its sections."""
    menu(tab, account).click()
    tab.button("Account").click()
    dialog = tab.page.get_by_role("dialog", name="Account")
    expect(dialog).to_be_visible()
    if section:
        dialog.get_by_role("tab", name=section).click()
    return dialog


def test_ended_from_another_device(tab: Tab, phone: Tab, ada: AccountPanel) -> None:
    """A new device appears in an open list without a reload; signed out, it leaves, and is out."""
    tab.sign_in(ada)
    devices = open_account(tab, ada, "Devices")
    expect(devices.get_by_text("This device")).to_be_visible()
    expect(devices.get_by_role("button", name="Sign out")).to_have_count(1)
    phone.sign_in(ada)
    expect(devices.get_by_text("Safari on iPhone")).to_be_visible()
    devices.get_by_role("button", name="Sign out", exact=True).last.click()
    expect(devices.get_by_text("Safari on iPhone")).to_have_count(0)
    expect(devices.get_by_text("This device")).to_be_visible()
    phone.reload()
    phone.expect_login_page()
    tab.expect_no_fault()


def test_leaves_by_itself(tab: Tab, phone: Tab, ada: AccountPanel) -> None:
    """A device that logs out leaves an open list without a reload."""
    phone.sign_in(ada)
    tab.sign_in(ada)
    devices = open_account(tab, ada, "Devices")
    expect(devices.get_by_text("Safari on iPhone")).to_be_visible()
    menu(phone, ada).click()
    phone.button("Log out").click()
    phone.expect_login_page()
    expect(devices.get_by_text("Safari on iPhone")).to_have_count(0)
    expect(devices.get_by_role("button", name="Sign out everywhere else")).to_have_count(0)


def test_end_here(tab: Tab, ada: AccountPanel) -> None:
    """The button of this device is a log-out: the page turns, and F5 keeps it so."""
    tab.sign_in(ada)
    open_account(tab, ada, "Devices").get_by_role("button", name="Sign out").click()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.reload()
    tab.expect_login_page()


def test_ended_elsewhere_while_open(tab: Tab, ada: AccountPanel, app: AppServer) -> None:
    """An open list whose own sign-in ends turns to the login page, in a plain app too."""
    tab.sign_in(ada)
    expect(open_account(tab, ada, "Devices").get_by_text("This device")).to_be_visible()
    app.database.execute("DELETE FROM auth_tokens")
    tab.expect_login_page()
    expect(tab.page.get_by_role("dialog")).to_have_count(0)


def test_rename(tab: Tab, ada: AccountPanel) -> None:
    """A new name is on the page at once, behind the account, which stays open and says so."""
    tab.sign_in(ada)
    dialog = open_account(tab, ada)
    tab.type("Full name", "Ada *King* :smile:")
    dialog.get_by_role("button", name="Change name").click()
    expect(dialog.get_by_text("Your name was changed.")).to_be_visible()
    renamed = replace(ada, full_name="Ada *King* :smile:")
    dialog.get_by_role("button", name="Close").click()
    expect(dialog).to_have_count(0)
    tab.expect_dashboard_of(renamed)
    expect(menu(tab, renamed)).to_be_visible()
    tab.reload()
    tab.expect_dashboard_of(renamed)
    expect(tab.page.get_by_role("dialog")).to_have_count(0)


def test_change_password(tab: Tab, phone: Tab, ada: AccountPanel) -> None:
    """A changed password ends the other device; here one stays signed in, also after F5."""
    phone.sign_in(ada)
    tab.sign_in(ada)
    dialog = open_account(tab, ada, "Password")
    tab.type("Current password", ada.password)
    tab.type("New password", "harbor-Violet-58-lantern")
    tab.type("Confirm new password", "harbor-Violet-58-lantern")
    dialog.get_by_role("button", name="Change password").click()
    expect(dialog.get_by_text("Your password is changed.")).to_be_visible()
    phone.reload()
    phone.expect_login_page()
    tab.expect_settled()
    tab.reload()
    tab.expect_dashboard_of(ada)


def test_by_keyboard(tab: Tab, ada: AccountPanel) -> None:
    """Menu and account open, and close, without a mouse."""
    tab.sign_in(ada)
    keyboard = tab.page.keyboard
    menu(tab, ada).focus()
    keyboard.press("Enter")
    expect(tab.button("Account")).to_be_visible()
    tab.reach(tab.button("Account"))
    keyboard.press("Enter")
    dialog = tab.page.get_by_role("dialog", name="Account")
    expect(dialog.get_by_label("Full name")).to_be_visible()
    expect(tab.button("Log out")).to_have_count(0)
    keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    tab.expect_dashboard_of(ada)


@pytest.mark.chromium
@pytest.mark.parametrize("mode", ["served"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(
    tab: Tab, ada: AccountPanel, phone: Tab, scheme: Literal["light", "dark"]
) -> None:
    """In menu and devices axe-core finds nothing serious."""
    tab.page.emulate_media(color_scheme=scheme)
    tab.sign_in(ada)
    phone.sign_in(ada)
    menu(tab, ada).click()
    expect(tab.button("Log out")).to_be_visible()
    assert faults(tab.page) == {}
    tab.button("Account").click()
    dialog = tab.page.get_by_role("dialog", name="Account")
    dialog.get_by_role("tab", name="Devices").click()
    expect(dialog.get_by_text("Safari on iPhone")).to_be_visible()
    assert faults(tab.page) == {}


@pytest.mark.parametrize("mode", ["plain"])
def test_fits_a_phone(tab: Tab, ada: AccountPanel) -> None:
    """At 390 pixels nothing of the account is cut off or wider than the page."""
    tab.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    tab.sign_in(ada)
    dialog = open_account(tab, ada)
    for section in ("Profile", "Email", "Password", "Devices"):
        dialog.get_by_role("tab", name=section).click()
        expect(dialog.get_by_role("tab", name=section)).to_have_attribute("aria-selected", "true")
        tab.expect_settled()
        # Until it has slid in: a part of it is cut off while it comes.
        tab.page.wait_for_function(
            """dialog => [...dialog.querySelectorAll("button, input, p")]
                .every(one => one.scrollWidth <= one.clientWidth + 1
                    && one.getBoundingClientRect().right <= window.innerWidth)""",
            arg=dialog.element_handle(),
        )
    assert tab.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
