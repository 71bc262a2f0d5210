"""The WebSockets of a page, which a test can cut."""

from playwright.sync_api import Page, WebSocketRoute
from tests.browser.polling import until


class Wire:
    """Passes the frames of a page on, from its next document on."""

    def __init__(self, page: Page) -> None:
        """Stand between a page and its server."""
        self._page = page
        self._sockets: list[WebSocketRoute] = []
        page.route_web_socket("**/stream", self._pass)

    def cut(self) -> None:
        """Cut the connection, and wait until the page has made another."""
        before = len(self._sockets)
        self._sockets[-1].close()
        until(self._page, lambda: len(self._sockets) > before, "the page has connected again")

    def _pass(self, socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        self._sockets.append(socket)
