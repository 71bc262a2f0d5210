"""Redis from the system's packages, with temporary data."""

import os
import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from redis import Redis
from redis.exceptions import RedisError
from tests.support.process import Process
from tests.support.server import HOST, free_port


class RedisDatabase:
    """One database of a running Redis."""

    def __init__(self, url: str) -> None:
        """Use the database of a URL, and empty it."""
        self.url = url

    def flush(self) -> None:
        """Delete all that is in it."""
        with Redis.from_url(self.url) as client:
            client.flushdb()

    def stop(self) -> None:
        """Leave it empty."""
        self.flush()


class RedisServer(RedisDatabase):
    """A Redis started by the tests, with an append-only file, as token stores need."""

    def __init__(self) -> None:
        """Start it with nothing in it."""
        self._folder = TemporaryDirectory(prefix="persistauth-")
        self._home = Path(self._folder.name)
        self._port = free_port()
        super().__init__(f"redis://{HOST}:{self._port}/0")
        self._process = self._start()

    def kill(self) -> None:
        """Kill it, as a power cut does."""
        self._process.kill()

    def start(self) -> None:
        """Start it again with its data."""
        self._process = self._start()

    def stop(self) -> None:
        """Stop it, and delete its data."""
        self._process.stop()
        self._folder.cleanup()

    def _start(self) -> Process:
        options = {
            "bind": HOST,
            "port": str(self._port),
            "dir": str(self._home),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
        }
        flags = [part for name, value in options.items() for part in (f"--{name}", value)]
        return Process([_program(), *flags], home=self._home, answers=self._answers)

    def _answers(self) -> bool:
        try:
            with Redis.from_url(self.url) as client:
                return bool(client.ping())
        except RedisError:
            return False


def _program() -> str:
    """Return the path of Redis; without it skip the test, or fail in CI."""
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        missing = "Redis is missing: apt-get install redis-server"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    return program
