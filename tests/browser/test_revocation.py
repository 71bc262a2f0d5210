import pytest
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.server import AppServer

pytestmark = pytest.mark.browser

REVOKE = "DELETE FROM auth_tokens WHERE user_id = (SELECT id FROM users WHERE email = ?)"


def test_deleted_rows_sign_out_on_f5(tab: Tab, ada: Account, app: AppServer) -> None:
    """After an operator deleted the user's rows in auth_tokens, F5 shows the login page."""
    tab.sign_in(ada)
    assert app.database.execute(REVOKE, ada.email) >= 1
    tab.reload()
    tab.expect_login_page()
    tab.jar.wait_until_empty()


def test_deleted_rows_sign_out_on_the_next_click(tab: Tab, ada: Account, app: AppServer) -> None:
    """The open page is out on its next click, whether it signed in itself or was refreshed."""
    tab.sign_in(ada)
    refreshed = tab.another()
    refreshed.expect_dashboard_of(ada)
    assert app.database.execute(REVOKE, ada.email) >= 1
    for open_tab in (tab, refreshed):
        open_tab.click_on("Click me")
        open_tab.expect_login_page()
