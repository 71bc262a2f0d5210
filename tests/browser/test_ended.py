"""A page whose sign-in has ended, in a real browser, goes on with another Streamlit session."""

import pytest
from playwright.sync_api import WebSocketRoute, expect
from tests.browser.polling import until
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


class Sockets:
    """The WebSockets of a tab, which can be lost."""

    def __init__(self, tab: Tab) -> None:
        """Stand between the tab and the server from its next document on."""
        self.opened: list[WebSocketRoute] = []
        tab.page.route_web_socket("**/_stcore/stream", self._pass_on)

    def lose(self) -> None:
        """Close the one that is open, as a network does."""
        self.opened[-1].close(code=1012)

    def lose_and_wait(self, tab: Tab) -> None:
        """Lose it, and wait until the page has another one."""
        before = len(self.opened)
        self.lose()
        until(tab.page, lambda: len(self.opened) > before, "the page connects again")

    def _pass_on(self, socket: WebSocketRoute) -> None:
        self.opened.append(socket)
        socket.connect_to_server()


@pytest.mark.parametrize("mode", ["served"])
def test_turns_quietly(tab: Tab, ada: Account, app: AppServer) -> None:
    """The page turns to the form over its own WebSocket; no frame is blank or says it connects."""
    sockets = Sockets(tab)
    tab.open()
    tab.sign_in(ada, remember=False)
    tab.expect_dashboard_of(ada)
    tab.expect_settled()
    tab.page.evaluate(WATCH)
    app.database.execute("DELETE FROM auth_tokens")
    tab.expect_login_page()
    assert tab.page.evaluate("window.seen") == {"blank": 0, "connecting": 0}
    assert len(sockets.opened) == 1


@pytest.mark.parametrize("mode", ["served"])
def test_connection_is_lost_later(tab: Tab, ada: Account, app: AppServer) -> None:
    """Who signs in again on that page is still signed in when its connection comes back.

    The page names its first Streamlit session then, and has state in the second one.
    """
    sockets = Sockets(tab)
    tab.open()
    for _ in range(2):
        tab.sign_in(ada, remember=False)
        app.database.execute("DELETE FROM auth_tokens")
        tab.expect_login_page()
    tab.sign_in(ada, remember=False)
    tab.button("Click me").click()
    expect(tab.page.get_by_text("Clicks: 1")).to_be_visible()
    for clicks in (2, 3):
        sockets.lose_and_wait(tab)
        tab.button("Click me").click()
        expect(tab.page.get_by_text(f"Clicks: {clicks}")).to_be_visible()
    tab.expect_dashboard_of(ada)


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["served"])
def test_ended_while_the_connection_is_lost(tab: Tab, ada: Account, app: AppServer) -> None:
    """A page that comes back after the end shows the form without a click."""
    sockets = Sockets(tab)
    tab.open()
    tab.sign_in(ada, remember=False)
    tab.expect_dashboard_of(ada)
    app.database.execute("DELETE FROM auth_tokens")
    sockets.lose()
    tab.expect_login_page()
    tab.sign_in(ada, remember=False)
    tab.button("Click me").click()
    expect(tab.page.get_by_text("Clicks: 1")).to_be_visible()
