"""The example with two replicas behind nginx, as its own script serves it."""

import os
import re
import secrets
import signal
import sys
from collections.abc import Mapping
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.support.process import Process
from tests.support.server import HOST, OURS, ROOT, free_port

SCRIPT = ROOT / "examples" / "replicas" / "serve.py"
STARTED = re.compile(r"^started (\S+) pid=(\d+)$", re.MULTILINE)
RECONNECT_SECONDS = 0.5 + 1 + 2 + 4
"""A page that has lost its connection tries again after so many seconds at most, one after the
other, and from then on every four (Streamlit's WebsocketConnection, `nextReconnectDelayMs`)."""


class Replicas:
    """Two replicas and nginx, which a test starts, ends, kills and restarts."""

    def __init__(self, home: Path, *, database: str, tokens: str | None) -> None:
        """Prepare them; nothing is started yet.

        Args:
            home: Where they are started, which gets the log.
            database: The database that they share.
            tokens: The store of their sessions, if another.
        """
        self.settings = {
            "PERSISTAUTH_DATABASE_URL": database,
            "JWT_SECRET_KEY": secrets.token_urlsafe(48),
            "STREAMLIT_SERVER_COOKIE_SECRET": secrets.token_urlsafe(48),
            "PERSISTAUTH_BCRYPT_ROUNDS": "4",  # the cheapest there is: only for tests
            **({"PERSISTAUTH_TOKEN_STORE_URL": tokens} if tokens else {}),
        }
        self._home = home
        self._port = free_port()
        self.url = f"http://{HOST}:{self._port}/"
        command = [sys.executable, str(SCRIPT), "--database", database]
        command += ["--tokens", tokens] if tokens else []
        ports = [str(free_port()), str(free_port())]
        self._command = [*command, "--port", str(self._port), "--replicas", *ports]
        self._process: Process | None = None

    @property
    def log(self) -> str:
        """Their output so far, over all starts."""
        return (self._home / "process.log").read_text(encoding="utf-8", errors="replace")

    def pids(self) -> dict[str, int]:
        """Return the process id of each."""
        return {name: int(pid) for name, pid in STARTED.findall(self.log)}

    def start(self) -> None:
        """Start all, and wait until they answer."""
        outside = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        self._process = Process(
            self._command,
            home=self._home,
            answers=self._answers,
            environment=outside | _without_arguments(self.settings),
        )

    def stop(self) -> None:
        """Stop all processes."""
        process, self._process = self._process, None
        if process is not None:
            process.stop()
            left = [pid for pid in self.pids().values() if _is_running(pid)]
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            assert not left, "serve.py left processes behind"

    def restart(self) -> None:
        """Stop and start all."""
        self.stop()
        self.start()

    def kill(self, name: str) -> None:
        """Kill a replica, as a power cut does."""
        os.kill(self.pids()[name], signal.SIGKILL)

    def roll(self) -> None:
        """Begin a rolling restart."""
        assert self._process is not None
        self._process.tell(signal.SIGUSR1)

    def _answers(self) -> bool:
        connection = HTTPConnection(HOST, self._port, timeout=2)
        try:
            connection.request("GET", "/_stcore/health")
            return connection.getresponse().status == HTTPStatus.OK
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()


def _without_arguments(settings: Mapping[str, str]) -> dict[str, str]:
    """Remove the variables that the script gets as arguments."""
    given = ("PERSISTAUTH_DATABASE_URL", "PERSISTAUTH_TOKEN_STORE_URL")
    return {name: value for name, value in settings.items() if name not in given}


def _is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
