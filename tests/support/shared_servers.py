"""Streamlit servers that stay up between tests with the same app and settings."""

from collections.abc import Mapping
from pathlib import Path

from tests.support.server import AppServer

MOST = 8
"""How many run at once; the least recently used one is stopped for another."""


def with_caches(caches: str, **more: str) -> dict[str, str]:
    """Return the settings of an app with these caches.

    The default is left out, so that such tests share the server of those that set nothing.
    """
    return more if caches == "cookie" else {"TEST_CACHES": caches, **more}


class SharedServers:
    """Returns servers, each with an empty database, to one test at a time."""

    def __init__(self, home: Path) -> None:
        """Keep their files in folders below this one."""
        self._home = home
        self._made = 0
        self._servers: dict[tuple[object, ...], AppServer] = {}

    def find(self, script: Path, settings: Mapping[str, str]) -> AppServer:
        """Return the server of an app with these settings, started or not."""
        key = script, *sorted(settings.items())
        server = self._servers.pop(key, None)
        if server is None:
            server = AppServer(script, self._new_home(), settings)
        else:
            server.begin_anew()
        self._servers[key] = server
        while len(self._servers) > MOST:
            self._servers.pop(next(iter(self._servers))).stop()
        return server

    def close(self) -> None:
        """Stop them all."""
        for server in self._servers.values():
            server.stop()
        self._servers.clear()

    def _new_home(self) -> Path:
        self._made += 1
        home = self._home / str(self._made)
        home.mkdir()
        return home
