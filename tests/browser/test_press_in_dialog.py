"""A form in a dialog from the press of its button to the answer, frame by frame."""

import pytest
from playwright.sync_api import expect
from tests.browser.recording import Recorder, expect_still
from tests.browser.tab import Tab, type_into
from tests.browser.test_account_panel import open_account
from tests.support.account import BOB, Account
from tests.support.server import ROOT, AppServer
from tests.support.shared_servers import SharedServers

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def server(mode: str, servers: SharedServers) -> AppServer:
    """An app with the menu, and hashes of the default cost."""
    app = ROOT / "tests" / "apps" / f"account_{mode}.py"
    return servers.find(app, {"PERSISTAUTH_BCRYPT_ROUNDS": "12"})


def test_change_password(recorder: Recorder, tab: Tab, ada: Account) -> None:
    """A form in a dialog, where only a fragment runs, has one button that does not move."""
    tab.sign_in(ada)
    dialog = open_account(tab, ada, "Password")
    for label in ("Current password", "New password", "Confirm new password"):
        type_into(dialog.get_by_label(label, exact=True), BOB.password)
    expect(tab.page.locator(".persistauth-meter[aria-busy=true]")).to_have_count(0)
    tab.expect_settled()
    expect_still(recorder.record_submission(tab.button("Change password")))
    expect(dialog.get_by_role("alert")).to_be_visible()
