import pytest
from playwright.sync_api import Locator, expect
from tests.browser.polling import wait_until_still
from tests.browser.tab import Tab
from tests.support.account import BOB
from tests.support.arabic import LABELS
from tests.support.server import ROOT, AppServer
from tests.support.shared_servers import SharedServers

pytestmark = pytest.mark.browser


@pytest.fixture
def server(servers: SharedServers) -> AppServer:
    """An app in Arabic with open registration."""
    app = ROOT / "tests" / "apps" / "arabic.py"
    return servers.find(app, {"PERSISTAUTH_REGISTRATION": "open"})


def style(place: Locator, name: str) -> str:
    """Return a computed style."""
    return str(place.evaluate(f"(item) => getComputedStyle(item).{name}"))


def test_form_is_turned_round(tab: Tab) -> None:
    """An app's own right-to-left words mirror the form, and nothing else."""
    field = tab.field(LABELS["Full name"])
    expect(field).to_be_visible()
    tab.expect_settled()
    wait_until_still(tab.page)
    form = tab.page.get_by_test_id("stForm").first
    assert style(form, "direction") == "rtl"
    assert style(tab.page.get_by_text("Beside it, English."), "direction") == "ltr"
    label = tab.page.get_by_text(LABELS["Full name"], exact=True)
    (outer, inner) = (place.bounding_box() for place in (field.locator("xpath=.."), label))
    assert outer
    assert inner
    assert abs(outer["x"] + outer["width"] - inner["x"] - inner["width"]) < 20
    box = tab.page.get_by_text(LABELS["Keep me signed in"], exact=True).bounding_box()
    frame = form.bounding_box()
    assert box
    assert frame
    assert box["x"] > frame["x"] + frame["width"] / 2


@pytest.mark.slow
def test_panels_are_turned_round(tab: Tab) -> None:
    """Menu, account and devices are mirrored, also in popover and dialog."""
    tab.type(LABELS["Full name"], BOB.full_name)
    for label, text in (("Email", BOB.email), ("Password", BOB.password)):
        expect(tab.field(LABELS[label])).to_have_count(2)  # of both forms
        tab.field(LABELS[label]).last.fill(text)
    tab.type(LABELS["Confirm password"], BOB.password)
    tab.button(LABELS["Create account"]).click()
    expect(tab.page.get_by_text(f"مرحبا {BOB.full_name}")).to_be_visible()
    tab.expect_settled()
    tabs = tab.page.get_by_role("tablist")
    assert style(tabs, "direction") == "rtl"
    assert style(tab.button(BOB.full_name), "direction") == "rtl"
    assert style(tab.page.get_by_text("Beside it, English."), "direction") == "ltr"
    tab.button(BOB.full_name).click()
    account = tab.button(LABELS["Account"])
    expect(account).to_be_visible()
    assert style(account, "direction") == "rtl"
    account.click()
    dialog = tab.page.get_by_role("dialog")
    expect(dialog.get_by_role("tablist")).to_be_visible()
    assert style(dialog.get_by_role("tablist"), "direction") == "rtl"


@pytest.mark.slow
def test_each_line_has_its_own_direction(tab: Tab) -> None:
    """The direction of a typed text follows its first letter."""
    field = tab.field(LABELS["Full name"])
    expect(field).to_be_visible()
    assert style(field, "unicodeBidi") == "plaintext"
    assert style(field, "textAlign") == "start"
