"""One Streamlit server of a benchmark."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

APPS = Path(__file__).parent / "apps"
DEADLINE_SECONDS = 60
OPTIONS = [
    "--server.headless=true",
    "--server.address=127.0.0.1",
    "--server.fileWatcherType=none",
    "--browser.gatherUsageStats=false",
]


@contextmanager
def serving(app: str, *, python: str, environment: dict[str, str], folder: Path) -> Iterator[str]:
    """Serve one of the apps and yield its address.

    Args:
        app: The file's name in `benchmarks/apps`.
        python: The interpreter of its environment.
        environment: Variables added to ours.
        folder: Where it runs, and where its log goes.

    Raises:
        SystemExit: It does not answer within the deadline.
    """
    port = _free_port()
    command = [python, "-m", "streamlit", "run", str(APPS / app), f"--server.port={port}"]
    with (
        (folder / f"{app}-{port}.log").open("w") as log,
        subprocess.Popen(
            [*command, *OPTIONS],
            cwd=folder,
            env=os.environ | environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        try:
            _wait_until_healthy(port, process, app)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_until_healthy(port: int, process: subprocess.Popen[bytes], app: str) -> None:
    end = time.monotonic() + DEADLINE_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"{app} does not answer")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
