"""A client of the probe in the app under test."""

import http.client
import json
from contextlib import closing
from urllib.parse import urlencode

from tests.support.machine.probe import PATH
from tests.support.server import HOST


class ProbeClient:
    """Sends commands; each returns the Streamlit sessions of the runs that wait."""

    def __init__(self, port: int) -> None:
        """Send them to an app on this machine."""
        self._port = port

    def look(self) -> list[str]:
        """Wait until nothing runs."""
        return self._order()

    def end_pause(self, index: int) -> list[str]:
        """Let a run that waits go on."""
        return self._order(end=index)

    def wait_for_close(self, name: str) -> list[str]:
        """Wait until the app has done with a connection."""
        return self._order(closed=name)

    def _order(self, **order: object) -> list[str]:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=60)
        with closing(connection):
            connection.request("GET", f"{PATH}?{urlencode(order)}")
            sessions: list[str] = json.loads(connection.getresponse().read())
        return sessions
