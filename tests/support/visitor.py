"""A signed-in user of the replicas' example, who reconnects after a lost connection."""

import re
import time
from contextlib import ExitStack

from tests.support.raw import Page, RawClient, opened
from tests.support.replicas import RECONNECT_SECONDS
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidMessage

LOST = (ConnectionClosed, InvalidHandshake, InvalidMessage, OSError, EOFError)
LOSS_SECONDS = 60
DRAWN_BY = re.compile(r"process (\d+)")


class Visitor:
    """Opens one connection after the other, all with the same cookies.

    Attributes:
        process: The process that drew the page last.
        absences: How long each loss of the connection lasted, in seconds.
        failures: How often reconnecting has failed.
    """

    def __init__(self, url: str, *, name: str, cookie: str) -> None:
        """Prepare to visit; nothing is opened yet.

        Args:
            url: The address of the app.
            name: A text that the page shows to this user only.
            cookie: The Cookie header of every handshake.
        """
        self._url = url
        self._name = name
        self._cookie = cookie
        self._session_id = ""
        self._stack = ExitStack()
        self._client: RawClient | None = None
        self.process = 0
        self.absences: list[float] = []
        self.failures = 0

    def arrive(self) -> None:
        """Connect, offering the last Streamlit session, and run the page."""
        self._stack.close()
        asked_for = self._session_id or None
        address = opened(self._url, cookie=self._cookie, session_id=asked_for)
        self._client = self._stack.enter_context(address)
        self.look()

    def look(self) -> None:
        """Run the page on the present connection; it has to show this user's page."""
        client = self._present()
        page = client.run()
        self._session_id = client.session_id
        self.process = self._drawn_by(page)

    def come_back(self) -> None:
        """Wait until the connection is lost, and reconnect as a browser does.

        Raises:
            AssertionError: Reconnecting took too long, or the user was signed out.
            TimeoutError: It was not lost.
        """
        client = self._present()
        try:
            while True:
                client.wait(LOSS_SECONDS)
        except ConnectionClosed:
            lost = time.monotonic()
        while not self._has_arrived():
            self.failures += 1
            assert time.monotonic() - lost < RECONNECT_SECONDS, f"{self._name} is not back"
        self.absences.append(time.monotonic() - lost)
        assert self.absences[-1] < RECONNECT_SECONDS

    def leave(self) -> None:
        """Close the connection."""
        self._stack.close()

    def _has_arrived(self) -> bool:
        """Try once to open a connection and see the page."""
        try:
            self.arrive()
        except LOST:
            return False
        return True

    def _present(self) -> RawClient:
        assert self._client is not None
        return self._client

    def _drawn_by(self, page: Page) -> int:
        assert self._name in page.texts, f"{self._name} sees {page.texts} {list(page.buttons)}"
        assert "Sign in" not in page.buttons
        found = [match for text in page.texts if (match := DRAWN_BY.search(text))]
        return int(found[0][1])
