"""Runs `persistauth demo` in a subprocess."""

import os
import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen


@dataclass(frozen=True)
class Demo:
    """A running demo and its account."""

    url: str
    email: str
    password: str


@contextmanager
def running_demo(bin_path: Path, folder: Path) -> Iterator[Demo]:
    """Serve the demo from a folder, and stop it at the end.

    Raises:
        SystemExit: The demo does not answer in time.
    """
    port = free_port()
    command = [str(bin_path / "persistauth"), "demo", f"--port={port}", "--address=127.0.0.1"]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    log = folder / "demo.log"
    with (
        log.open("w") as output,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=output) as process,
    ):
        try:
            url = f"http://127.0.0.1:{port}"
            wait_until_healthy(url, process)
            text = log.read_text()
            yield Demo(url, _printed("Email", text), _printed("Password", text))
        finally:
            process.terminate()


def _printed(name: str, text: str) -> str:
    """Return the value that the demo printed for a name."""
    match = re.search(rf"{name}\s+(\S+)", text)
    if match is None:
        raise SystemExit(f"the demo printed no {name.lower()}")
    return match[1]


def wait_until_healthy(url: str, process: subprocess.Popen[bytes], seconds: float = 120) -> None:
    """Wait until a server answers.

    Raises:
        SystemExit: The server exits, or does not answer in time.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(f"{url}/_stcore/health", timeout=5) as answer:  # noqa: S310 - our own
                if answer.status == 200:  # noqa: PLR2004 - HTTP's OK
                    return
        except (URLError, OSError):
            time.sleep(0.2)
    raise SystemExit(f"{url} does not answer")


def free_port() -> int:
    """Return a port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
