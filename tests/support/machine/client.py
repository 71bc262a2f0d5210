"""A raw client that waits for an acknowledgement instead of a time."""

import re
from collections import Counter
from contextlib import ExitStack
from typing import Final

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from tests.support.machine.browser import Browser, Task
from tests.support.machine.known import Known
from tests.support.machine.probe import ANSWER, NAME_HEADER, heartbeat
from tests.support.machine.reports import NUMBER
from tests.support.raw import Page, RawClient, connected
from websockets.exceptions import ConnectionClosed

SECONDS: Final = 5
TRIES: Final = 6
MARKER: Final = re.compile(rb"([a-z-]+)-of-([a-z]+)")
TASK: Final = re.compile(
    rb'{"id": "(\w+)", "url": "([^"]+)", "body": ({[^}]*}), "check": "([^"]*)"}'
)


class Client(RawClient):
    """One connection of a browser.

    Attributes:
        name: What a test calls it.
        browser: The browser whose cookies it presented; None where it presented none.
        credential: The sign-in whose credential it presented, if any.
        asked_for: The Streamlit session that it asked for; empty for a new one.
        is_open: Whether messages can be sent.
        is_settled: Whether nothing has been sent since `settle`.
        address: The query string of its page.
        seen: The markers that it was sent since `take_seen`: Streamlit session, place and user.
        tasks: What its page has been given to do, and has not done yet, by id.
    """

    def __init__(
        self, url: str, name: str, browser: Browser | None, asked_for: str, known: Known
    ) -> None:
        """Open a connection."""
        cookie = browser.cookie if browser else ""
        self._socket_closer = ExitStack()
        socket = connected(
            url, cookie=cookie, headers={NAME_HEADER: name}, session_id=asked_for or None
        )
        super().__init__(self._socket_closer.enter_context(socket))
        self.name = name
        self.browser = browser
        self.credential = browser.sign_in if browser else None
        self.asked_for = asked_for
        self.is_open = True
        self.is_settled = True
        self.address = ""
        self.seen: Counter[tuple[str, str, str]] = Counter()
        self.tasks: dict[str, Task] = {}
        self._known = known
        self._marks = 0
        self._is_new_run = False

    @property
    def session(self) -> str:
        """The Streamlit session: the one it was told, or else the one it has asked for."""
        return self.session_id or self.asked_for

    def say(self, message: BackMsg | bytes | str) -> None:
        """Send a message, or what is none."""
        self.is_settled = False
        try:
            if isinstance(message, BackMsg):
                self.send(message)
            else:
                self._socket.send(message)
        except ConnectionClosed:
            self.is_open = False

    def leave_page(self) -> None:
        """Forget the page, as a browser does that opens another one."""
        self.page = Page()
        self._typed.clear()

    def close(self) -> None:
        """Close the connection."""
        self.is_open = False
        self._socket_closer.close()

    def mark(self) -> None:
        """Mark the end of what has been sent."""
        self._marks += 1
        self.say(heartbeat(self._mark))

    def settle(self) -> None:
        """Take in all that comes of what has been sent before the mark.

        The mark is sent again where its answer is lost, as when another connection takes the
        Streamlit session over in that moment.

        Raises:
            AssertionError: There is no answer.
        """
        for _ in range(TRIES):
            if not self.is_open or self._is_answered():
                self.is_settled = True
                return
            self.mark()
        raise AssertionError(f"the mark of {self.name} has got no answer")

    def take_seen(self) -> Counter[tuple[str, str, str]]:
        """Return the markers that have come since the last call."""
        seen, self.seen = self.seen, Counter()
        return seen

    @property
    def _mark(self) -> str:
        return f"{self.name}.{self._marks}"

    def _is_answered(self) -> bool:
        try:
            while True:
                data = self._socket.recv(timeout=SECONDS)
                assert isinstance(data, bytes)
                if data == ANSWER + self._mark.encode():
                    return True
                if not data.startswith(ANSWER):
                    self._import_accounts(data)
        except TimeoutError:
            return False
        except ConnectionClosed:
            self.is_open = False
            return True

    def _import_accounts(self, data: bytes) -> None:
        message: ForwardMsg = ForwardMsg.FromString(data)
        self._turn_page(message)
        self.page.add(data, message)
        self._learn(message)
        self._known.learn(message)
        for services in TASK.findall(data):
            task = self._known.task(Task.of(*services))
            if self.browser is not None and not task.is_done:
                self.tasks[task.id] = task
        found = MARKER.findall(data)
        self.seen.update((self.session, place.decode(), user.decode()) for place, user in found)

    def _turn_page(self, message: ForwardMsg) -> None:
        """Forget the page when a run begins to draw all of it, and not a fragment."""
        if message.HasField("new_session"):
            self._is_new_run = True
        elif self._is_new_run and message.HasField("delta"):
            self._is_new_run = False
            if not message.delta.fragment_id:
                self.page = Page()


def numbered(query: str, number: int) -> str:
    """Return a query string with the number of a message."""
    return "&".join(part for part in (query, f"{NUMBER}={number}") if part)
