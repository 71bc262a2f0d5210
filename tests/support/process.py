"""A server's process: started when it answers, ended by its own id."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 20
TICK_SECONDS = 0.05


class Process:
    """One process, which a test starts and ends."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        home: Path,
        answers: Callable[[], bool],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start it, and wait until it answers.

        Args:
            command: What to run.
            home: Its working folder, which gets its log.
            answers: Whether it can be used.
            environment: Its environment; without, that of this process.

        Raises:
            RuntimeError: It ended, or does not answer within a minute.
        """
        log = home / "process.log"
        with log.open("ab") as file:
            self._process = subprocess.Popen(
                command,
                cwd=home,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_SECONDS
        while not answers():
            if self.has_ended(TICK_SECONDS) or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"{command[0]} did not start:\n{log.read_text()}")

    def has_ended(self, seconds: float = 0) -> bool:
        """Wait for so long; return whether it has ended."""
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return False
        return True

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Stop it and what it has started by SIGSTOP, and let them continue afterwards."""
        stopped = [self._process.pid, *_children(self._process.pid)]
        for pid in stopped:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in stopped:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)

    def tell(self, number: int) -> None:
        """Send it a signal."""
        self._process.send_signal(number)

    def stop(self) -> None:
        """End it: politely, and after a deadline by force."""
        self._process.terminate()
        if not self.has_ended(STOP_SECONDS):
            self.kill()

    def kill(self) -> None:
        """End it as a power cut does, and with it what it has started.

        PostgreSQL's children live on for a moment, and hold memory that keeps it from starting.
        """
        self._process.send_signal(signal.SIGSTOP)  # so that it starts no more of them
        children = _children(self._process.pid)
        self._process.kill()
        self._process.wait()
        for child in children:
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        deadline = time.monotonic() + STOP_SECONDS
        while any(map(_is_running, children)) and time.monotonic() < deadline:
            time.sleep(TICK_SECONDS)


def _children(pid: int) -> list[int]:
    """Return the processes that a process has started; none where the system does not tell."""
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(child) for child in listed.split()]


def _is_running(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def wait_until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: It does not hold within a minute.
    """
    deadline = time.monotonic() + START_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("the condition does not hold")
        time.sleep(TICK_SECONDS)


def listens(host: str, port: int) -> bool:
    """Return whether something listens on a port."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        return probe.connect_ex((host, port)) == 0
