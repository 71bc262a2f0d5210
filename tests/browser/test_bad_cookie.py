import pytest
from playwright.sync_api import Browser
from tests.browser.selection import served_first
from tests.browser.tab import Tab
from tests.support.account import Account

pytestmark = pytest.mark.browser


def credential_of(account: Account, engine: Browser, url: str) -> str:
    """Sign in with another browser and return the credential."""
    with engine.new_context() as context:
        tab = Tab(context.new_page(), url)
        tab.open()
        tab.sign_in(account)
        return tab.jar.stored()["value"]


@served_first
def test_two_cookies_of_our_name_are_refused(
    tab: Tab, ada: Account, bob: Account, engine: Browser
) -> None:
    """A planted second cookie of our name, for a deeper path, signs no user in."""
    tab.sign_in(ada)
    good = tab.jar.stored()["value"]
    planted = credential_of(bob, engine, tab.url)
    with engine.new_context() as context:
        victim = Tab(context.new_page(), tab.url)
        victim.jar.plant(victim.url, good)
        victim.jar.plant(victim.url, planted, path="/_stcore")
        victim.open()
        victim.expect_login_page()
