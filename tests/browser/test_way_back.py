"""A deep link survives the sign-in; the navigation can be hidden until then."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.browser_storage import BrowserStorage
from tests.browser.polling import wait_until_still
from tests.browser.selection import cases
from tests.browser.tab import Tab
from tests.support.account import ADA
from tests.support.server import ROOT, AppServer
from tests.support.shared_servers import SharedServers

pytestmark = pytest.mark.browser

APPS = {"navigation": "navigation.py", "pages": "multipage/app.py"}
each_app = pytest.mark.parametrize(
    ("pages", "navigation"),
    cases(APPS, ["hidden", "visible"], quick=[("navigation", "hidden")]),
)
SECRET = {"navigation": "inside of the house", "pages": "secret of the house"}
WATCHER = """
(() => {
  window.seenNavigation = false;
  const look = () => {
    if (document.querySelector("input[aria-label=Password]")
        && document.querySelector('[data-testid="stSidebar"]')?.checkVisibility())
      window.seenNavigation = true;
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true });
})();
"""


@pytest.fixture
def server(pages: str, navigation: str, servers: SharedServers) -> AppServer:
    """An app with two pages, whose navigation is hidden until a user is signed in, or not."""
    more = {"PERSISTAUTH_HIDE_NAVIGATION": "on"} if navigation == "hidden" else {}
    return servers.find(ROOT / "tests" / "apps" / APPS[pages], more)


@pytest.fixture
def page(app: AppServer, browser: BrowserContext) -> Page:
    """The second page, opened by a link with a query."""
    ADA.register(app.settings)
    browser.add_init_script(WATCHER)
    page = browser.new_page()
    page.goto(f"{app.url}inside?order=7&q=a%20b")
    return page


@each_app
def test_deep_link(page: Page, app: AppServer, pages: str, navigation: str) -> None:
    """Page and query survive the sign-in and F5; the navigation is back at once."""
    address = page.url
    tab = Tab(page, app.url)
    sidebar = page.get_by_test_id("stSidebar")
    expect(tab.field("Password")).to_be_visible()
    expect(sidebar).to_be_visible(visible=navigation == "visible")
    tab.fill_sign_in(ADA.email, ADA.password)
    expect(page.get_by_text(SECRET[pages], exact=True)).to_be_visible()
    expect(sidebar).to_be_visible()
    expect(page).to_have_url(address)
    BrowserStorage(page).wait()
    page.reload()
    expect(page.get_by_text(SECRET[pages], exact=True)).to_be_visible()
    expect(page).to_have_url(address)
    expect(sidebar).to_be_visible()


@pytest.mark.slow
@each_app
def test_no_flash(page: Page, app: AppServer, navigation: str) -> None:
    """A hidden navigation is never shown beside the form, and takes no space."""
    tab = Tab(page, app.url)
    expect(tab.field("Password")).to_be_visible()
    tab.expect_settled()
    assert page.evaluate("window.seenNavigation") is (navigation == "visible")
    wait_until_still(page)
    main = page.get_by_test_id("stMain").bounding_box()
    assert main
    assert (main["x"] == 0) is (navigation == "hidden")
