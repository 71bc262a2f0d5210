import pytest
from tests.browser.tab import Tab
from tests.support.account import Account

pytestmark = pytest.mark.browser


def test_logout_lasts(tab: Tab, ada: Account) -> None:
    """Signed out, the browser has no credential, and F5 and a new tab show the login page."""
    tab.sign_in(ada)
    tab.reload()
    tab.expect_dashboard_of(ada)
    tab.button("Log out").click()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.reload()
    tab.expect_login_page()
    tab.another().expect_login_page()


def test_copy_of_the_cookie_is_dead(tab: Tab, ada: Account) -> None:
    """A copy of the cookie taken before the logout, in any spelling, is refused and cleared."""
    tab.sign_in(ada)
    copy = tab.jar.stored()
    tab.button("Log out").click()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    token = copy["value"]
    for spelling in (token, f'"{token}"', token.replace(".", "%2E"), f"{token}="):
        tab.come_back_with(copy, value=spelling)
        tab.expect_login_page()
        tab.jar.wait_until_empty()


def test_second_tab_is_out_on_its_next_click(tab: Tab, ada: Account) -> None:
    """A second open tab is out on its next click after a logout in the first."""
    tab.sign_in(ada)
    second = tab.another()
    second.expect_dashboard_of(ada)
    tab.button("Log out").click()
    tab.expect_login_page()
    second.click_on("Click me")
    second.expect_login_page()
    second.reload()
    second.expect_login_page()


def test_an_old_tab_leaves_a_new_sign_in_alone(tab: Tab, ada: Account, bob: Account) -> None:
    """A tab whose sign-in has ended does not take away what another tab's sign-in keeps."""
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


def test_next_person_in_the_same_tab(tab: Tab, ada: Account, bob: Account) -> None:
    """Who signs in after a logout in the same tab is that person, also after F5."""
    tab.sign_in(ada)
    tab.button("Click me").click()
    tab.button("Log out").click()
    tab.expect_login_page()
    tab.jar.wait_until_empty()
    tab.sign_in(bob)
    tab.reload()
    tab.expect_dashboard_of(bob)
