import pytest
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.server import AppServer

pytestmark = pytest.mark.browser

REVOKE = "DELETE FROM auth_tokens WHERE user_id = (SELECT id FROM users WHERE email = ?)"


def test_deleted_rows_sign_out_on_f5(tab: Tab, ada: Account, app: AppServer) -> None:
    """After an operator deleted the user's rows in auth_tokens, F5 shows the login page."""
    tab.sign_in(ada)
    tab.page.goto("about:blank")
    assert app.database.execute(REVOKE, ada.email) >= 1
    tab.open()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
