"""Starts a Streamlit server for a benchmark."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

APPS = Path(__file__).parent / "apps"
HOST = "127.0.0.1"
START_SECONDS = 60
STOP_SECONDS = 10
OPTIONS = {
    "--server.headless": "true",
    "--server.address": HOST,
    "--server.fileWatcherType": "none",
    "--browser.gatherUsageStats": "false",
}


@dataclass(frozen=True)
class Served:
    """A server that is up.

    Attributes:
        url: Its address.
        pid: Its process.
    """

    url: str
    pid: int


@contextmanager
def serving(
    app: str, *, python: str, folder: Path, more: Mapping[str, str] | None = None
) -> Iterator[Served]:
    """Serve one of the apps, with this process's environment.

    Args:
        app: The file's name in `benchmarks/apps`.
        python: The interpreter of its environment.
        folder: Where it runs, and where its log goes.
        more: Variables of its environment alone.

    Raises:
        SystemExit: It does not answer within the deadline.
    """
    port = _free_port()
    command = [python, "-m", "streamlit", "run", str(APPS / app), "--server.port", str(port)]
    for name, value in OPTIONS.items():
        command += [name, value]
    path = folder / f"{app}-{port}.log"
    with path.open("wb") as log:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **(more or {})},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            if not _healthy_in_time(port, process):
                text = path.read_text(encoding="utf-8", errors="replace")
                raise SystemExit(f"{app} does not answer; its log ends:\n{text[-2000:]}")
            yield Served(f"http://{HOST}:{port}", process.pid)
        finally:
            _stop(process)


def _healthy_in_time(port: int, process: subprocess.Popen[bytes]) -> bool:
    """Poll until the server is healthy; return False if it exits or is not healthy in time."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        if _healthy(port):
            return True
        time.sleep(0.1)
    return False


def _healthy(port: int) -> bool:
    # Not with urllib, which would use a proxy of the environment.
    connection = HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_SECONDS)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port
