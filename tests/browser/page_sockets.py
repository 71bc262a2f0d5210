"""The WebSockets of a page, which a test can close as a network does."""

from playwright.sync_api import Page, WebSocketRoute
from tests.browser.polling import until


class PageSockets:
    """Passes the frames of a page on, from its next document on.

    Attributes:
        opened: The page's end of every WebSocket so far.
    """

    def __init__(self, page: Page) -> None:
        self.opened: list[WebSocketRoute] = []
        self._servers: list[WebSocketRoute] = []
        self._page = page
        page.route_web_socket("**/_stcore/stream", self._pass_on)

    def lose(self) -> None:
        """Close both ends of the WebSocket that is open; Playwright closes one of them only."""
        self._servers[-1].close()
        self.opened[-1].close(code=1012)

    def lose_and_wait(self) -> None:
        """Close it, and wait until the page has opened another one."""
        before = len(self.opened)
        self.lose()
        until(self._page, lambda: len(self.opened) > before, "the page has connected again")

    def _pass_on(self, socket: WebSocketRoute) -> None:
        self.opened.append(socket)
        self._servers.append(socket.connect_to_server())
