"""Each cache, and several in a chain, from registration to log-out."""

import pytest
from playwright.sync_api import Browser, expect
from tests.browser.browser_storage import BrowserStorage
from tests.browser.selection import MODES, cases
from tests.browser.tab import Tab
from tests.browser.watcher import login_form_was_drawn
from tests.support.account import ADA, Account

pytestmark = pytest.mark.browser

ALL = "session,cookie,local_storage,query_param"
PLACES = {
    "session": "",
    "cookie": "cookie",
    "cookies_controller": "cookie",
    "local_storage": "local_storage",
    "query_param": "query_param",
    ALL: "cookie",
}
"""Where the credential is to be found with each of them."""


@pytest.fixture
def settings(caches: str) -> dict[str, str]:
    """The app uses these caches."""
    return {"TEST_CACHES": caches}


@pytest.fixture
def place(caches: str) -> str:
    """Where the credential is expected."""
    return PLACES[caches]


def expect_back(tab: Tab) -> None:
    """The dashboard came with no login form before it."""
    tab.expect_dashboard_of(ADA)
    tab.expect_settled()
    assert not login_form_was_drawn(tab.page)


@pytest.mark.parametrize(
    ("mode", "caches"),
    cases(
        MODES,
        PLACES,
        quick=[
            ("plain", "local_storage"),
            ("plain", "cookies_controller"),
            ("served", "query_param"),
        ],
    ),
)
def test_the_whole_way(tab: Tab, place: str) -> None:
    """Register, log out, sign in, F5, second tab, log out; a copy of the address is refused."""
    kept = BrowserStorage(tab.page)
    tab.register(ADA)
    tab.expect_dashboard_of(ADA)
    kept.wait_for(*filter(None, [place]))
    tab.button("Log out").click()
    tab.expect_login_page()
    kept.wait_for()
    tab.fill_sign_in(ADA.email, ADA.password, remember=True if place else None)
    tab.expect_dashboard_of(ADA)
    kept.wait_for(*filter(None, [place]))
    tab.button("Click me").click()
    expect(tab.page.get_by_text("Clicks: 1", exact=True)).to_be_visible()
    if not place:
        tab.reload()
        tab.expect_login_page()
        return
    tab.reload()
    expect_back(tab)
    kept.wait_for(place)
    other = tab.another()
    if place == "query_param":
        other.expect_login_page()
    else:
        expect_back(other)
        other.expect_notified()
    copy = tab.page.url
    tab.button("Log out").click()
    tab.expect_login_page()
    kept.wait_for()
    other.expect_login_page()
    tab.reload()
    tab.expect_login_page()
    tab.page.goto(copy)
    tab.expect_login_page()


@pytest.mark.slow
@pytest.mark.parametrize("caches", ["cookie,local_storage"])
def test_planted_item(tab: Tab, ada: Account, bob: Account, engine: Browser) -> None:
    """Where cookies work, a planted item of another user is not read, and removed at log-out."""
    tab.sign_in(ada)
    with engine.new_context() as context:
        bobs = Tab(context.new_page(), tab.url)
        bobs.open()
        bobs.sign_in(bob)
        planted = {"text": BrowserStorage(bobs.page).cookie, "until": 10**13}
        tab.page.evaluate(
            "item => localStorage.setItem('persistauth', JSON.stringify(item))", planted
        )
        tab.reload()
        expect_back(tab)
        tab.button("Log out").click()
        tab.expect_login_page()
        BrowserStorage(tab.page).wait_for()
        tab.reload()
        tab.expect_login_page()
        bobs.reload()
        bobs.expect_dashboard_of(bob)
