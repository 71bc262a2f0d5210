"""A Streamlit server in its own process and folder."""

import http.client
import os
import secrets
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.support.database import Database

ROOT = Path(__file__).parents[2]
HOST = "127.0.0.1"
# Below the range that Linux and macOS give to outgoing connections, so that a port found free
# stays free over a restart.
PORTS = range(20_000, 32_000)
OURS = ("PERSISTAUTH_", "STREAMLIT_", "JWT_", "TOKEN_EXPIRY", "REFRESH_TOKEN", "DEBUG_AUTH")
START_SECONDS = 60
STOP_SECONDS = 10
TICK_SECONDS = 0.05


class AppServer:
    """Serves one app file with `streamlit run`, and can stop and start again on its port."""

    def __init__(self, script: Path, home: Path, settings: Mapping[str, str]) -> None:
        """Prepare a server whose database, log and working folder are in `home`."""
        self.database = Database(home / "auth.db")
        self.settings = {
            "PERSISTAUTH_DATABASE_URL": self.database.url,
            "JWT_SECRET_KEY": secrets.token_urlsafe(48),
            "PERSISTAUTH_BCRYPT_ROUNDS": "4",  # the cheapest there is: only for tests
            **settings,
        }
        self.port = free_port()
        self.path = "/" + settings.get("STREAMLIT_SERVER_BASE_URL_PATH", "")
        self._tls = "STREAMLIT_SERVER_SSL_CERT_FILE" in settings
        self.url = f"{'https' if self._tls else 'http'}://{HOST}:{self.port}{self.path}"
        self.script = script
        self.home = home
        self._log = home / "server.log"
        self._log_begins = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """The server's output since this test began, over all its starts."""
        printed = self._log.read_bytes() if self._log.exists() else b""
        return printed[self._log_begins :].decode("utf-8", "replace")

    def begin_anew(self) -> None:
        """Empty the database, and begin a new log, for the next test."""
        self._log_begins = self._log.stat().st_size if self._log.exists() else 0
        self.database.empty()

    def start(self) -> None:
        """Start the server, unless it is up, and wait until it answers.

        Raises:
            RuntimeError: It ended, or did not answer within a minute.
        """
        if self._process is not None and self._healthy():
            return
        self.stop()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command(),
                cwd=self.home,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._healthy():
            if _ended(self._process, TICK_SECONDS) or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{self.script.name} was not served:\n{self.log}")

    def stop(self) -> None:
        """Terminate the server's process, and kill it after a deadline."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        if not _ended(process, STOP_SECONDS):
            process.kill()
            process.wait()

    def restart(self) -> None:
        """Stop, and start again on the same port with the same settings and database."""
        self.stop()
        self.start()

    def _command(self) -> list[str]:
        options = {
            "server.headless": "true",
            "server.address": HOST,
            "server.port": str(self.port),
            "server.fileWatcherType": "none",
            "browser.gatherUsageStats": "false",
        }
        flags = [part for name, value in options.items() for part in (f"--{name}", value)]
        return [sys.executable, "-m", "streamlit", "run", str(self.script), *flags]

    def _environment(self) -> dict[str, str]:
        outside = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
        here = {"HOME": str(self.home), "PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1"}
        return outside | here | self.settings

    def _connect(self) -> http.client.HTTPConnection:
        if not self._tls:
            return http.client.HTTPConnection(HOST, self.port, timeout=2)
        anybody = ssl.create_default_context()
        anybody.check_hostname, anybody.verify_mode = False, ssl.CERT_NONE
        return http.client.HTTPSConnection(HOST, self.port, timeout=2, context=anybody)

    def _healthy(self) -> bool:
        connection = self._connect()
        try:
            connection.request("GET", f"{self.path.rstrip('/')}/_stcore/health")
            return connection.getresponse().status == http.HTTPStatus.OK
        except OSError:
            return False
        finally:
            connection.close()


def _ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def free_port() -> int:
    """Return a port on which nothing listens."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) != 0:
                return port
