import pytest
from tests.browser.selection import plain_first
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.shared_servers import with_caches

pytestmark = pytest.mark.browser


@pytest.fixture
def caches() -> str:
    """Where the app keeps its credential."""
    return "cookie"


@pytest.fixture
def settings(caches: str) -> dict[str, str]:
    """The app uses this cache."""
    return with_caches(caches)


@pytest.mark.parametrize(
    ("mode", "caches"),
    [
        ("plain", "cookie"),
        ("served", "cookie"),
        pytest.param("plain", "cookies_controller", marks=pytest.mark.slow),
    ],
)
def test_logout_lasts(tab: Tab, ada: Account) -> None:
    """After a log-out F5 and a new tab show the login page, and a copy of the cookie is refused."""
    tab.sign_in(ada)
    copy = tab.jar.stored()
    tab.reload()
    tab.expect_dashboard_of(ada)
    tab.button("Log out").click()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.reload()
    tab.expect_login_page()
    tab.another().expect_login_page()
    tab.come_back_with(copy)
    tab.expect_login_page()
    tab.jar.wait_until_empty()


@plain_first
def test_an_old_tab_leaves_a_new_sign_in_alone(tab: Tab, ada: Account, bob: Account) -> None:
    """A tab whose sign-in was revoked does not clear the cookie of a later sign-in."""
    tab.sign_in(ada)
    old = tab.another()
    old.expect_dashboard_of(ada)
    tab.button("Log out").click()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.sign_in(bob)
    old.click_on("Click me")
    old.expect_login_page()
    old.expect_settled()
    tab.reload()
    tab.expect_dashboard_of(bob)


@pytest.mark.slow
def test_next_person_in_the_same_tab(tab: Tab, ada: Account, bob: Account) -> None:
    """The user who signs in after a log-out in the same tab stays that user over F5."""
    tab.sign_in(ada)
    tab.button("Click me").click()
    tab.button("Log out").click()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.sign_in(bob)
    tab.reload()
    tab.expect_dashboard_of(bob)
