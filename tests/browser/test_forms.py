"""The forms, used by mouse, keyboard and screen reader."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, expect
from tests.browser.polling import wait_until_still
from tests.browser.selection import served_first
from tests.browser.tab import Tab
from tests.support.account import ADA, BOB, Account
from tests.support.server import ROOT, AppServer

pytestmark = pytest.mark.browser

REFUSED = "Invalid email or password."
DAILY = "On this device, for 24 hours."


@pytest.fixture
def settings() -> dict[str, str]:
    """Open registration, and hashes of the default cost."""
    return {"PERSISTAUTH_REGISTRATION": "open", "PERSISTAUTH_BCRYPT_ROUNDS": "12"}


def meter(tab: Tab) -> Locator:
    """Find the rating of a new password."""
    return tab.page.locator(".persistauth-meter [role=status]")


@served_first
def test_pressed_twice_signs_in_once(tab: Tab, app: AppServer, ada: Account) -> None:
    """A double click on the button is one login: one event, one row."""
    tab.type("Email", ada.email)
    tab.type("Password", ada.password)
    tab.button("Sign in").dblclick()
    tab.expect_dashboard_of(ada)
    tab.expect_settled()
    assert app.database.events() == ["registered", "login"]
    assert app.database.rows("SELECT count(*) FROM auth_tokens WHERE token_type = 'session'") == [
        (1,)
    ]


@pytest.mark.slow
def test_pressed_twice_is_refused_once(tab: Tab, app: AppServer, ada: Account) -> None:
    """A double click with a wrong password is one attempt, and its message stays."""
    tab.type("Email", ada.email)
    tab.type("Password", BOB.password)
    tab.button("Sign in").dblclick()
    expect(tab.page.get_by_text(REFUSED)).to_be_visible()
    tab.expect_settled()
    expect(tab.page.get_by_text(REFUSED)).to_be_visible()
    assert app.database.events() == ["registered", "login_failed"]


@pytest.mark.slow
def test_pressed_twice_registers_once(tab: Tab, app: AppServer) -> None:
    """A double click makes one account, and does not report a taken address."""
    tab.open_register()
    for label, text in (
        ("Full name", BOB.full_name),
        ("Email", BOB.email),
        ("Password", BOB.password),
        ("Confirm password", BOB.password),
    ):
        tab.type(label, text)
    tab.button("Create account").dblclick()
    tab.expect_dashboard_of(BOB)
    tab.expect_settled()
    assert app.database.events() == ["registered", "login"]


@pytest.mark.slow
@pytest.mark.parametrize("label", ["Email", "Password"])
def test_enter_twice_signs_in_once(tab: Tab, app: AppServer, ada: Account, label: str) -> None:
    """Enter submits from each field, and pressed twice it does so once."""
    tab.type("Email", ada.email)
    tab.type("Password", ada.password)
    tab.field(label).press("Enter")
    tab.page.keyboard.press("Enter")
    tab.expect_dashboard_of(ada)
    tab.expect_settled()
    assert app.database.events() == ["registered", "login"]


@pytest.mark.slow
@pytest.mark.parametrize("label", ["Full name", "Email", "Password", "Confirm password"])
def test_enter_registers(tab: Tab, app: AppServer, label: str) -> None:
    """Enter submits the registration from each field."""
    tab.open_register()
    tab.type("Full name", BOB.full_name)
    tab.type("Email", BOB.email)
    tab.type("Password", BOB.password)
    tab.type("Confirm password", BOB.password)
    tab.field(label).press("Enter")
    tab.expect_dashboard_of(BOB)
    assert app.database.events() == ["registered", "login"]


@served_first
def test_fault_at_its_field(tab: Tab) -> None:
    """A message stands below its field, which is focused, marked invalid, and keeps its text."""
    tab.open_register()
    tab.fill_register(Account("Bob", "bob", BOB.password), BOB.password)
    email = tab.field("Email")
    expect(email).to_be_focused()
    expect(email).to_have_attribute("aria-invalid", "true")
    expect(email).to_have_accessible_description("Please enter a valid email address.")
    expect(email).to_have_value("bob")
    expect(tab.page.get_by_test_id("InputInstructions").first).to_be_hidden()
    expect(tab.field("Full name")).to_have_value("Bob")
    tab.expect_settled()
    expect(tab.field("Password")).to_have_value("")
    alert = tab.page.get_by_role("alert")
    expect(alert).to_have_count(1)
    below, field, after = (
        alert.bounding_box(),
        email.bounding_box(),
        tab.field("Password").bounding_box(),
    )
    assert below
    assert field
    assert after
    assert field["y"] < below["y"] < after["y"]
    tab.type("Email", BOB.email)
    expect(email).not_to_have_attribute("aria-invalid", "true")


@pytest.mark.slow
def test_fault_of_the_form(tab: Tab, ada: Account) -> None:
    """A message about no field marks none invalid; the emptied field is focused."""
    tab.fill_sign_in(ada.email, BOB.password)
    expect(tab.page.get_by_role("alert")).to_have_text(REFUSED)
    expect(tab.field("Password")).to_be_focused()
    expect(tab.field("Password")).to_have_value("")
    expect(tab.field("Email")).to_have_value(ada.email)
    expect(tab.field("Email")).not_to_have_attribute("aria-invalid", "true")


@served_first
def test_meter(tab: Tab, app: AppServer) -> None:
    """A password is rated while it is typed; nothing moves, and text and focus stay."""
    tab.open_register()
    expect(meter(tab)).to_have_text("Use at least 8 characters. A few words work best.")
    password = tab.field("Password")
    wait_until_still(tab.page)
    button = tab.button("Create account").bounding_box()
    password.press_sequentially("short")
    expect(meter(tab)).to_have_text("The password must be at least 8 characters long.")
    password.press_sequentially("-horse")
    expect(meter(tab)).not_to_have_text("The password must be at least 8 characters long.")
    tab.type("Password", "password1")
    expect(meter(tab)).to_have_text(re.compile("^This password is easy to guess. "))
    tab.type("Password", BOB.password)
    expect(meter(tab)).to_have_text("Strong password.")
    expect(password).to_be_focused()
    expect(password).to_have_value(BOB.password)
    assert tab.button("Create account").bounding_box() == button
    tab.type("Password", "")
    expect(meter(tab)).to_have_text("Use at least 8 characters. A few words work best.")
    assert BOB.password not in app.log


@pytest.mark.slow
def test_meter_knows_whose_password_it_is(tab: Tab) -> None:
    """A password made of the other fields is refused."""
    tab.open_register()
    tab.type("Full name", "Orlando Furioso")
    tab.type("Password", "orlando-furioso-1532")
    expect(meter(tab)).to_have_text(
        "The password can't consist of your name, your email or the name of this app."
    )


@pytest.mark.slow
def test_draft_is_kept_nowhere(tmp_path: Path, browser: BrowserContext) -> None:
    """A password that was only typed is in no state that an app can show."""
    app = AppServer(ROOT / "tests" / "apps" / "peeking.py", tmp_path, {})
    app.start()
    try:
        tab = Tab(browser.new_page(), app.url)
        tab.open()
        tab.type("Password", BOB.password)
        expect(meter(tab)).to_have_text("Strong password.")
        tab.button("Look").click()
        tab.expect_settled()
        expect(tab.page.get_by_text("{'user': None}")).to_be_visible()
        expect(tab.page.get_by_text(BOB.password)).to_have_count(0)
    finally:
        app.stop()
    assert BOB.password not in app.log


@pytest.mark.slow
def test_meter_of_an_emptied_field(tab: Tab) -> None:
    """The rating is reset when a refusal empties the field."""
    tab.open_register()
    tab.fill_register(Account("Bob", "bob", BOB.password), BOB.password)
    expect(tab.page.get_by_role("alert")).to_have_text("Please enter a valid email address.")
    tab.expect_settled()
    expect(meter(tab)).to_have_text("Use at least 8 characters. A few words work best.")


@pytest.mark.slow
def test_meter_and_enter(tab: Tab, app: AppServer) -> None:
    """Enter right after the last key submits, even while the password is being rated."""
    tab.open_register()
    tab.type("Full name", BOB.full_name)
    tab.type("Email", BOB.email)
    tab.type("Confirm password", BOB.password)
    tab.field("Password").press_sequentially(BOB.password)
    tab.field("Password").press("Enter")
    tab.expect_dashboard_of(BOB)
    assert app.database.events() == ["registered", "login"]


@served_first
def test_by_keyboard_alone(tab: Tab, ada: Account) -> None:
    """A user can sign in and log out by keyboard, past an error."""
    press, write = tab.page.keyboard.press, tab.page.keyboard.type
    tab.reach(tab.field("Email"))
    write(ada.email)
    press("Tab")
    expect(tab.field("Password")).to_be_focused()
    write("wrong")
    eye = tab.page.get_by_role("button", name=re.compile("^Show password"))
    press("Tab")
    expect(eye).to_be_focused()
    press("Space")
    expect(tab.field("Password")).to_have_attribute("type", "text")
    press("Tab")
    expect(tab.page.get_by_role("checkbox", name="Keep me signed in")).to_be_focused()
    press("Tab")
    expect(tab.button("Sign in")).to_be_focused()
    press("Enter")
    expect(tab.page.get_by_role("alert")).to_have_text(REFUSED)
    expect(tab.field("Password")).to_be_focused()
    expect(tab.field("Password")).to_have_attribute("type", "password")
    tab.reach(tab.button("Create an account"))
    press("Enter")
    expect(tab.field("Full name")).to_be_focused()
    tab.reach(tab.button("Back to sign in"))
    press("Enter")
    expect(tab.field("Full name")).to_have_count(0)
    expect(tab.field("Email")).to_be_focused()
    tab.expect_settled()
    write(ada.email)
    press("Tab")
    write(ADA.password)
    press("Enter")
    tab.expect_dashboard_of(ada)
    tab.reach(tab.button("Log out"))
    press("Enter")
    tab.expect_login_page()


@served_first
def test_how_long(tab: Tab) -> None:
    """The checkbox keeps its name, and the line below it says for how long."""
    box = tab.page.get_by_role("checkbox", name="Keep me signed in", exact=True)
    expect(box).to_be_checked()
    hint = tab.page.get_by_text(DAILY, exact=True)
    expect(hint).to_be_visible()
    above, below = box.locator("xpath=ancestor::label").bounding_box(), hint.bounding_box()
    assert above is not None
    assert below is not None
    assert 0 <= below["y"] - (above["y"] + above["height"]) < 16
    hint.click()
    expect(box).to_be_checked()
