"""The administration panel in a real browser."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Locator, expect
from tests.browser.selection import served_first
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.server import ROOT, AppServer
from tests.support.shared_servers import SharedServers

pytestmark = pytest.mark.browser

NAUGHTY = "<img src=x onerror=alert(1)> **b** :material/home: $x$"
DENIED = "You are not allowed to see this page."


@pytest.fixture
def server(mode: str, settings: dict[str, str], servers: SharedServers) -> AppServer:
    """An app whose page is the panel."""
    return servers.find(ROOT / "tests" / "apps" / f"admin_{mode}.py", settings)


@pytest.fixture
def admin(ada: Account, app: AppServer) -> Account:
    """A user with the role admin."""
    app.database.execute("UPDATE users SET roles = '[\"admin\"]' WHERE email = ?", ada.email)
    return ada


def sign_in(tab: Tab, account: Account) -> None:
    """Sign in and wait for the page."""
    tab.fill_sign_in(account.email, account.password)
    expect(tab.page.get_by_text(f"Signed in as {account.email}", exact=True)).to_be_visible()
    tab.expect_settled()


def turn_to(tab: Tab, section: str) -> None:
    """Open a section of the panel."""
    tab.page.get_by_test_id("stButtonGroup").get_by_text(section, exact=True).click()
    tab.expect_settled()


def manage(tab: Tab, account: Account) -> Locator:
    """Search for an account, and open its dialog."""
    tab.type("Search", account.email)
    tab.field("Search").press("Enter")
    expect(tab.page.get_by_text("1 user", exact=True)).to_be_visible()
    expect(tab.button("Manage")).to_have_count(1)
    tab.button("Manage").click()
    dialog = tab.page.get_by_role("dialog")
    expect(dialog.get_by_text("Manage account")).to_be_visible()
    return dialog


@pytest.fixture
def other(app: AppServer, engine: Browser, bob: Account) -> Iterator[Tab]:
    """Bob, signed in with another browser."""
    with engine.new_context() as context:
        tab = Tab(context.new_page(), app.url)
        tab.open()
        sign_in(tab, bob)
        yield tab


@served_first
def test_a_day(tab: Tab, admin: Account, other: Tab, bob: Account, app: AppServer) -> None:
    """An administrator finds a user whose name is markup, gives a role, disables the account."""
    alerts: list[Dialog] = []
    tab.page.on("dialog", lambda alert: alerts.append(alert))  # noqa: PLW0108 - as Playwright needs it
    app.database.execute("UPDATE users SET full_name = ? WHERE email = ?", NAUGHTY, bob.email)
    expect(other.page.get_by_text(DENIED)).to_be_visible()
    sign_in(tab, admin)
    dialog = manage(tab, bob)
    expect(dialog.get_by_text(NAUGHTY, exact=True)).to_be_visible()
    tab.type("Roles", "editor, boss")
    dialog.get_by_role("button", name="Save roles").click()
    expect(tab.page.get_by_text("The roles were saved.")).to_be_visible()
    expect(tab.page.get_by_text("boss", exact=True)).to_be_visible()
    tab.button("Manage").click()
    dialog.get_by_role("button", name="Disable account").click()
    expect(dialog.get_by_text("out on all devices")).to_be_visible()
    tab.expect_settled()  # and the button of the step before, which has the same name, is gone
    dialog.get_by_role("button", name="Disable account").click()
    expect(tab.page.get_by_text("The account was disabled.")).to_be_visible()
    expect(tab.page.get_by_text("Disabled", exact=True).first).to_be_visible()
    other.reload()
    expect(other.button("Sign in")).to_be_visible()
    assert app.database.rows("SELECT roles, is_active FROM users WHERE email = ?", bob.email) == [
        ('["boss", "editor"]', 0)
    ]
    assert alerts == []
    tab.expect_no_fault()


@pytest.mark.slow
def test_by_keyboard(tab: Tab, admin: Account, bob: Account, app: AppServer) -> None:
    """An administrator finds a user by keyboard, and cancels disabling the account."""
    sign_in(tab, admin)
    keyboard, dialog = tab.page.keyboard, tab.page.get_by_role("dialog")
    tab.reach(tab.field("Search"))
    keyboard.type(bob.email)
    keyboard.press("Enter")
    expect(tab.page.get_by_text("1 user", exact=True)).to_be_visible()
    tab.expect_settled()
    tab.reach(tab.button("Manage"))
    keyboard.press("Enter")
    disable = dialog.get_by_role("button", name="Disable account")
    expect(disable).to_be_visible()
    tab.reach(disable)
    keyboard.press("Enter")
    expect(dialog.get_by_text("out on all devices")).to_be_visible()
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    tab.expect_settled()
    keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    query = "SELECT is_active FROM users WHERE email = ?"
    assert app.database.rows(query, bob.email) == [(1,)]
    tab.expect_settled()
    tab.reach(tab.page.get_by_role("radio", name="Users"))
    keyboard.press("ArrowRight")
    keyboard.press("Space")
    expect(tab.page.get_by_text("1 active session", exact=True)).to_be_visible()


@pytest.mark.slow
def test_sessions_events_charts(tab: Tab, admin: Account, other: Tab, tmp_path: Path) -> None:
    """A device can be signed out, events can be exported, and charts are drawn."""
    sign_in(tab, admin)
    turn_to(tab, "Active sessions")
    expect(tab.page.get_by_text("2 active sessions", exact=True)).to_be_visible()
    tab.button("Sign out").nth(1).click()
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Sign out", exact=True).click()
    expect(tab.page.get_by_text("1 active session", exact=True)).to_be_visible()
    other.reload()
    expect(other.button("Sign in")).to_be_visible()
    turn_to(tab, "Events")
    expect(tab.page.get_by_test_id("stDataFrame")).to_be_visible()
    with tab.page.expect_download() as download:
        tab.button("Export CSV").click()
    download.value.save_as(tmp_path / "events.csv")
    with (tmp_path / "events.csv").open(encoding="utf-8-sig", newline="") as file:
        types = [row["event_type"] for row in csv.DictReader(file)]
    assert {"sessions_revoked", "login", "registered"} <= set(types)
    turn_to(tab, "Charts")
    expect(tab.page.get_by_test_id("stVegaLiteChart").first).to_be_visible()
    tab.expect_no_fault()


@pytest.mark.slow
def test_role_taken_while_a_dialog_is_open(
    tab: Tab, admin: Account, bob: Account, app: AppServer
) -> None:
    """A user who loses the role can do nothing with a dialog that is still open."""
    sign_in(tab, admin)
    dialog = manage(tab, bob)
    dialog.get_by_role("button", name="Delete account").click()
    expect(dialog.get_by_text("permanently deletes")).to_be_visible()
    tab.expect_settled()
    app.database.execute("UPDATE users SET roles = '[]'")
    dialog.get_by_role("button", name="Delete account").click()
    expect(tab.page.get_by_text(DENIED).first).to_be_visible()
    assert app.database.rows("SELECT count(*) FROM users") == [(2,)]
