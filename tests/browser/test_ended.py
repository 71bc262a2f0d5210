"""A page whose session was revoked goes on with another Streamlit session."""

import pytest
from playwright.sync_api import expect
from tests.browser.page_sockets import PageSockets
from tests.browser.tab import Tab
from tests.support.account import Account
from tests.support.server import AppServer

pytestmark = [pytest.mark.browser, pytest.mark.chromium]

WATCH = """() => {
    const seen = { blank: 0, connecting: 0 };
    const look = () => {
        const text = document.body.innerText;
        if (!document.querySelector('[data-testid="stMain"]')?.innerText.trim()) seen.blank += 1;
        if (/connecting|connection|please wait/i.test(text)) seen.connecting += 1;
        requestAnimationFrame(look);
    };
    look();
    window.seen = seen;
}"""


@pytest.mark.parametrize("mode", ["served"])
def test_turns_quietly(tab: Tab, ada: Account, app: AppServer) -> None:
    """The form appears over the same WebSocket, without a blank frame or a notice of connecting."""
    sockets = PageSockets(tab.page)
    tab.open()
    tab.sign_in(ada, remember=False)
    tab.expect_dashboard_of(ada)
    tab.expect_settled()
    tab.page.evaluate(WATCH)
    app.database.execute("DELETE FROM auth_tokens")
    tab.expect_login_page()
    assert tab.page.evaluate("window.seen") == {"blank": 0, "connecting": 0}
    assert len(sockets.opened) == 1


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["served"])
def test_connection_is_lost_later(tab: Tab, ada: Account, app: AppServer) -> None:
    """A user who signs in again on that page is still signed in after a lost connection.

    The page names its first Streamlit session then, but its state is in the second one.
    """
    sockets = PageSockets(tab.page)
    tab.open()
    for _ in range(2):
        tab.sign_in(ada, remember=False)
        app.database.execute("DELETE FROM auth_tokens")
        tab.expect_login_page()
    tab.sign_in(ada, remember=False)
    tab.button("Click me").click()
    expect(tab.page.get_by_text("Clicks: 1")).to_be_visible()
    for clicks in (2, 3):
        sockets.lose_and_wait()
        tab.button("Click me").click()
        expect(tab.page.get_by_text(f"Clicks: {clicks}")).to_be_visible()
    tab.expect_dashboard_of(ada)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["served"])
def test_ended_while_the_connection_is_lost(tab: Tab, ada: Account, app: AppServer) -> None:
    """A page that reconnects after its session was revoked shows the form without a click."""
    sockets = PageSockets(tab.page)
    tab.open()
    tab.sign_in(ada, remember=False)
    app.database.execute("DELETE FROM auth_tokens")
    sockets.lose()
    tab.expect_login_page()
    tab.sign_in(ada, remember=False)
    tab.button("Click me").click()
    expect(tab.page.get_by_text("Clicks: 1")).to_be_visible()
