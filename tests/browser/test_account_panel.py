"""Menu, account and devices in a real browser."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, expect
from tests.browser.selection import plain_first, served_first
from tests.browser.tab import Tab
from tests.browser.test_accessibility import faults
from tests.support.account import Account
from tests.support.server import ROOT, AppServer
from tests.support.shared_servers import SharedServers

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


def menu(tab: Tab, account: Account) -> Locator:
    """Find the button of the menu."""
    return tab.page.get_by_role("button", name=account.full_name)


def open_account(tab: Tab, account: Account, section: str = "") -> Locator:
    """Open the account, and one of its sections."""
    menu(tab, account).click()
    tab.button("Account").click()
    dialog = tab.page.get_by_role("dialog", name="Account")
    expect(dialog).to_be_visible()
    if section:
        dialog.get_by_role("tab", name=section).click()
    return dialog


@served_first
def test_ended_from_another_device(tab: Tab, phone: Tab, ada: Account) -> None:
    """A new device appears in an open list without a reload, and can be signed out there."""
    tab.sign_in(ada)
    devices = open_account(tab, ada, "Devices")
    expect(devices.get_by_text("This device")).to_be_visible()
    expect(devices.get_by_role("button", name="Sign out")).to_have_count(1)
    phone.sign_in(ada)
    expect(devices.get_by_text("Safari on iPhone")).to_be_visible()
    buttons = devices.get_by_role("button", name="Sign out", exact=True)
    expect(buttons).to_have_count(2)  # the button of a row comes after its text
    buttons.last.click()
    expect(devices.get_by_text("Safari on iPhone")).to_have_count(0)
    expect(devices.get_by_text("This device")).to_be_visible()
    phone.reload()
    phone.expect_login_page()
    tab.expect_no_fault()


@pytest.mark.slow
def test_leaves_by_itself(tab: Tab, phone: Tab, ada: Account) -> None:
    """A device that logs out disappears from an open list without a reload."""
    phone.sign_in(ada)
    tab.sign_in(ada)
    devices = open_account(tab, ada, "Devices")
    expect(devices.get_by_text("Safari on iPhone")).to_be_visible()
    menu(phone, ada).click()
    phone.button("Log out").click()
    phone.expect_login_page()
    expect(devices.get_by_text("Safari on iPhone")).to_have_count(0)
    expect(devices.get_by_role("button", name="Sign out everywhere else")).to_have_count(0)


@pytest.mark.slow
def test_end_here(tab: Tab, ada: Account) -> None:
    """The button of this device logs out: the login page is shown, also after F5."""
    tab.sign_in(ada)
    open_account(tab, ada, "Devices").get_by_role("button", name="Sign out").click()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.reload()
    tab.expect_login_page()


@plain_first
def test_ended_elsewhere_while_open(tab: Tab, ada: Account, app: AppServer) -> None:
    """An open list whose own session is revoked gives way to the login page, in a plain app too."""
    tab.sign_in(ada)
    expect(open_account(tab, ada, "Devices").get_by_text("This device")).to_be_visible()
    app.database.execute("DELETE FROM auth_tokens")
    tab.expect_login_page()
    expect(tab.page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.slow
def test_rename(tab: Tab, ada: Account) -> None:
    """A new name shows on the page at once; the dialog stays open and confirms the change."""
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


@pytest.mark.slow
def test_change_password(tab: Tab, phone: Tab, ada: Account) -> None:
    """A changed password signs the other device out, and not this one, also after F5."""
    phone.sign_in(ada)
    tab.sign_in(ada)
    dialog = open_account(tab, ada, "Password")
    tab.type("Current password", ada.password)
    tab.type("New password", "harbor-Violet-58-lantern")
    tab.type("Confirm new password", "harbor-Violet-58-lantern")
    dialog.get_by_role("button", name="Change password").click()
    expect(dialog.get_by_text("Your password was changed.")).to_be_visible()
    phone.reload()
    phone.expect_login_page()
    tab.expect_settled()
    tab.reload()
    tab.expect_dashboard_of(ada)


@pytest.mark.slow
def test_by_keyboard(tab: Tab, ada: Account) -> None:
    """Menu and account can be opened and closed by keyboard."""
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


@pytest.mark.slow
@pytest.mark.chromium
@pytest.mark.parametrize("mode", ["served"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_accessible(tab: Tab, ada: Account, phone: Tab, scheme: Literal["light", "dark"]) -> None:
    """axe-core finds nothing serious in menu and devices."""
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


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["plain"])
def test_fits_a_phone(tab: Tab, ada: Account) -> None:
    """At 390 pixels nothing of the account is cut off or wider than the page."""
    tab.page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    tab.sign_in(ada)
    dialog = open_account(tab, ada)
    for section in ("Profile", "Email", "Password", "Devices"):
        dialog.get_by_role("tab", name=section).click()
        expect(dialog.get_by_role("tab", name=section)).to_have_attribute("aria-selected", "true")
        tab.expect_settled()
        # Wait until it has slid in: before that, part of it is cut off.
        tab.page.wait_for_function(
            """dialog => [...dialog.querySelectorAll("button, input, p")]
                .every(one => one.scrollWidth <= one.clientWidth + 1
                    && one.getBoundingClientRect().right <= window.innerWidth)""",
            arg=dialog.element_handle(),
        )
    assert tab.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
