import time

import pytest
from tests.browser.polling import until
from tests.browser.selection import plain_first
from tests.browser.tab import Tab
from tests.support.account import Account

pytestmark = pytest.mark.browser

LIFE_SECONDS = 7.2


@pytest.fixture
def settings() -> dict[str, str]:
    """A session that is just long enough to be observed."""
    return {"TOKEN_EXPIRY_HOURS": "0.002"}


@plain_first
def test_session_expires(tab: Tab, ada: Account) -> None:
    """A session expires on the open page, and also where the browser keeps the cookie longer."""
    tab.sign_in(ada)
    start = time.time()
    cookie = tab.jar.stored()
    assert cookie["expires"] == pytest.approx(start + LIFE_SECONDS, abs=10)
    until(tab.page, lambda: time.time() > start + LIFE_SECONDS, "the session's life is over")
    tab.click_on("Click me")
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.come_back_with(cookie, expires=time.time() + 3_600)
    tab.expect_login_page()
