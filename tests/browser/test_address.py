"""A URL token in the address of the page: what it reveals, and to whom."""

import re

import pytest
from playwright.sync_api import Browser, BrowserContext, Request, expect
from tests.browser.browser_storage import BrowserStorage
from tests.browser.frames import Frames
from tests.browser.page_sockets import PageSockets
from tests.browser.polling import until
from tests.browser.selection import served_first
from tests.browser.tab import Tab
from tests.browser.watcher import login_form_was_drawn
from tests.support.account import Account
from tests.support.server import AppServer

pytestmark = pytest.mark.browser

A_JWT = "eyJ"


@pytest.fixture
def settings() -> dict[str, str]:
    """The app keeps URL tokens in its address, and has parameters of its own."""
    return {"TEST_CACHES": "query_param"}


def reload(tab: Tab, account: Account) -> str:
    """Press F5; return the next URL token."""
    kept = BrowserStorage(tab.page)
    before = kept.url_token
    tab.reload()
    tab.expect_dashboard_of(account)
    until(tab.page, lambda: kept.url_token not in {"", before}, "another handle is there")
    assert not login_form_was_drawn(tab.page)
    return kept.url_token


def long_ago(app: AppServer) -> None:
    """Move the last use of URL tokens further back than their grace period."""
    app.database.execute(
        "UPDATE auth_tokens SET last_used_at = datetime(last_used_at, '-1 hour') "
        "WHERE token_type = 'url_token'"
    )


@pytest.mark.chromium
@served_first
def test_what_stands_there(tab: Tab, ada: Account, app: AppServer) -> None:
    """The address holds a random URL token, another one after each F5, and never a credential."""
    frames = Frames(tab.page)
    requests: list[Request] = []
    tab.page.on("request", lambda request: requests.append(request))  # noqa: PLW0108 - not a built-in
    tab.reload()
    tab.sign_in(ada)
    url_tokens = [BrowserStorage(tab.page).url_token, *(reload(tab, ada) for _ in range(3))]
    assert len(set(url_tokens)) == 4
    assert all(re.fullmatch(r"[\w-]{43}", url_token) for url_token in url_tokens)
    assert not frames.contain(A_JWT)
    assert A_JWT not in "".join([tab.page.url, *tab.jar.texts(), app.log])
    assert not any(url_token in app.log for url_token in url_tokens)
    stored = str(app.database.rows("SELECT * FROM auth_tokens"))
    assert not any(url_token in stored for url_token in url_tokens)
    # Until the first run has replaced it, the address is sent to our own server.
    strangers = [request for request in requests if not request.url.startswith(app.url)]
    assert not any(url_tokens[0] in str(request.all_headers()) for request in strangers)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["plain"])
def test_no_referrer(tab: Tab, ada: Account, app: AppServer) -> None:
    """Requests from the page carry no Referer, even to this host."""
    tab.sign_in(ada)
    with tab.page.expect_request("**/elsewhere") as caught:
        tab.page.evaluate("fetch('/elsewhere').catch(() => {})")
    assert "referer" not in caught.value.all_headers()


@pytest.mark.slow
def test_history_and_own_parameters(tab: Tab, ada: Account, app: AppServer) -> None:
    """The app's own parameters stay as they are, and the history gets no entries from us."""
    tab.page.goto(f"{app.url}?team=red%20%26%20blue&page=2")
    tab.sign_in(ada)
    entries = tab.page.evaluate("history.length")
    for _ in range(3):
        reload(tab, ada)
        tab.button("Click me").click()
        expect(tab.page.get_by_text("Clicks: 1", exact=True)).to_be_visible()
        tab.button("Click me").click()
        expect(tab.page.get_by_text("Clicks: 2", exact=True)).to_be_visible()
        tab.expect_settled()
    assert tab.page.evaluate("history.length") == entries
    parameters = tab.page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
    del parameters["persistauth"]
    assert parameters == {"team": "red & blue", "page": "2"}
    tab.button("Log out").click()
    tab.expect_login_page()
    BrowserStorage(tab.page).wait_for()
    assert tab.page.evaluate("history.length") == entries


@pytest.mark.slow
@pytest.mark.chromium  # Playwright gets no events of a page that Firefox restores
@pytest.mark.parametrize("mode", ["plain"])
def test_back_and_forward(tab: Tab, ada: Account, app: AppServer) -> None:
    """The page is still signed in after back and forward, and after F5 there."""
    tab.sign_in(ada)
    for _ in range(2):
        tab.page.goto("about:blank")
        tab.page.go_back()
        tab.expect_dashboard_of(ada)
        reload(tab, ada)
    tab.page.go_forward()
    tab.page.go_back()
    tab.expect_dashboard_of(ada)
    assert "reuse_detected" not in app.database.events()


@pytest.mark.slow
def test_sent_to_a_colleague(tab: Tab, ada: Account, app: AppServer, engine: Browser) -> None:
    """The second use of a URL token revokes the session in both browsers, and is an event."""
    tab.sign_in(ada)
    copy = tab.page.url
    reload(tab, ada)
    long_ago(app)
    colleague = Tab(engine.new_context().new_page(), copy)
    colleague.open()
    colleague.expect_login_page()
    assert "reuse_detected" in app.database.events()
    tab.reload()
    tab.expect_login_page()
    colleague.page.context.close()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["served"])
def test_in_another_browser(tab: Tab, ada: Account, app: AppServer, engine: Browser) -> None:
    """A URL token is refused, and the session revoked, in a browser of another kind."""
    tab.sign_in(ada)
    colleague = Tab(engine.new_context(user_agent="Another/1.0").new_page(), tab.page.url)
    colleague.open()
    colleague.expect_login_page()
    assert "reuse_detected" in app.database.events()
    tab.click_on("Click me")
    tab.expect_login_page()
    colleague.page.context.close()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mode", "click"),
    [("plain", True), ("plain", False), ("served", True)],
    ids=["plain, used", "plain, not used", "served, used"],
)
def test_after_a_lost_connection(
    tab: Tab, ada: Account, app: AppServer, browser: BrowserContext, *, click: bool
) -> None:
    """A page of a browser that keeps nothing survives a lost connection, if it has run twice.

    Until its second run a page presents the URL token it was opened with, which is spent. That is
    not taken for theft.
    """
    sockets = PageSockets(tab.page)
    tab.reload()
    tab.sign_in(ada)
    reload(tab, ada)
    long_ago(app)
    if click:
        tab.button("Click me").click()
        expect(tab.page.get_by_text("Clicks: 1", exact=True)).to_be_visible()
    browser.clear_cookies()
    sockets.lose_and_wait()
    tab.click_on("Click me")
    if click:
        tab.expect_settled()
        tab.expect_dashboard_of(ada)
    else:
        tab.expect_login_page()
    assert "reuse_detected" not in app.database.events()


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["served"])
def test_nobody_can_plant_a_credential(tab: Tab, ada: Account, app: AppServer) -> None:
    """An invalid URL token, or a credential in its place, shows the form and is removed."""
    for text in ("x", "a" * 43, "eyJhbGciOiJub25lIn0.e30.", "%F0%9F%92%A5", "<script>", "a" * 5000):
        tab.page.goto(f"{app.url}?persistauth={text}")
        tab.expect_login_page()
        BrowserStorage(tab.page).wait_for()
