"""Pages whose titles only users may see: the address survives sign-in, F5 and log-out."""

import pytest
from playwright.sync_api import BrowserContext, Page, expect
from tests.browser.browser_storage import BrowserStorage
from tests.browser.selection import cases
from tests.browser.tab import Tab
from tests.support.account import ADA
from tests.support.server import ROOT, AppServer
from tests.support.shared_servers import SharedServers

pytestmark = pytest.mark.browser

APPS = {
    "plain": ("menu_plain.py", ""),
    "served": ("menu_served.py", ""),
    "local storage": ("menu_plain.py", "local_storage"),
    "auto_login": ("menu_resumed.py", "local_storage"),
}
SECRET = "payroll of the house"
NOT_FOUND = "Page not found"


@pytest.fixture(params=cases(APPS, quick=[("plain",)]))
def server(request: pytest.FixtureRequest, servers: SharedServers) -> AppServer:
    """An app with two pages."""
    script, cache = APPS[str(request.param)]
    return servers.find(ROOT / "tests" / "apps" / script, {"TEST_CACHE": cache} if cache else {})


@pytest.fixture
def page(app: AppServer, browser: BrowserContext) -> Page:
    """A tab that records every text it has shown, however briefly."""
    ADA.register(app.settings)
    page = browser.new_page()
    page.add_init_script(
        """
        window.seen = "";
        new MutationObserver(() => { window.seen += document.body?.innerText ?? ""; })
          .observe(document, { childList: true, subtree: true, characterData: true });
        """
    )
    return page


def test_address(page: Page, app: AppServer) -> None:
    """A deep link leads to its page after the sign-in and F5, and never to "not found"."""
    tab = Tab(page, app.url)
    address = f"{app.url}payroll?order=7"
    page.goto(address)
    expect(tab.field("Password")).to_be_visible()
    tab.fill_sign_in(ADA.email, ADA.password)
    expect(page.get_by_text(SECRET)).to_be_visible()
    BrowserStorage(page).wait()
    for _ in range(2):
        page.reload()
        expect(page.get_by_text(SECRET)).to_be_visible()
        expect(page).to_have_url(address)
        assert NOT_FOUND not in page.evaluate("window.seen")


@pytest.mark.slow
@pytest.mark.parametrize("server", ["plain", "served", "local storage"], indirect=True)
def test_menu_goes_with_the_sign_in(page: Page, app: AppServer) -> None:
    """After a log-out the menu is gone at once, and F5 shows the form at the same address."""
    tab = Tab(page, app.url)
    page.goto(f"{app.url}payroll")
    tab.fill_sign_in(ADA.email, ADA.password)
    expect(page.get_by_test_id("stSidebar")).to_contain_text("payroll")
    tab.button("Log out").click()
    expect(tab.field("Password")).to_be_visible()
    expect(page.get_by_test_id("stSidebarNav")).to_have_count(0)
    page.reload()
    expect(tab.field("Password")).to_be_visible()
    expect(page).to_have_url(f"{app.url}payroll")
    assert "Titanic" not in page.evaluate("window.seen")
