import time

import pytest
from tests.browser.polling import until
from tests.browser.tab import Tab
from tests.support.account import Account

pytestmark = pytest.mark.browser

LIFE_SECONDS = 36


@pytest.fixture
def settings() -> dict[str, str]:
    """The shortest session that a person can still watch."""
    return {"TOKEN_EXPIRY_HOURS": "0.01"}


def test_session_expires(tab: Tab, ada: Account) -> None:
    """A session signs in on F5 until its 36 s are over and not 40 s after the sign-in.

    Not by the cookie's disappearance alone: put back with a longer life, it is refused too. The
    tab that stayed open is out on its next click.
    """
    open_tab = tab.another()
    tab.sign_in(ada)
    start = time.monotonic()
    cookie = tab.jar.stored()
    assert cookie["expires"] == pytest.approx(time.time() + LIFE_SECONDS, abs=10)
    tab.reload()
    tab.expect_dashboard_of(ada)
    open_tab.reload()
    open_tab.expect_dashboard_of(ada)

    over = start + LIFE_SECONDS + 2
    until(tab.page, lambda: time.monotonic() > over, "the session's life is over", LIFE_SECONDS + 5)
    open_tab.click_on("Click me")
    open_tab.expect_login_page()
    tab.reload()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.come_back_with(cookie, expires=time.time() + 3_600)
    tab.expect_login_page()
