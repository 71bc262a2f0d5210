import threading
from collections.abc import Callable

import pytest

from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.mail.outbox import MAX_RUNNING, MAX_WAITING, PAUSE_SECONDS, Outbox

SECONDS = 20


def at_once(_seconds: float) -> None:
    """Wait for nothing."""


def test_runs_elsewhere() -> None:
    """Jobs run on other threads, and begin in the order in which they were posted."""
    turns, seen = threading.Semaphore(0), list[str]()

    def wait(_seconds: float) -> None:
        assert turns.acquire(timeout=SECONDS)

    def note(what: str) -> Callable[[], None]:
        def run() -> None:
            seen.append(what)
            turns.release()

        return run

    def note_thread() -> None:
        note(threading.current_thread().name)()

    outbox = Outbox(wait=wait)
    for number in range(3):
        outbox.post(note(f"{number}"))
    outbox.post(note_thread)
    outbox.flush(SECONDS)
    assert seen[:3] == ["0", "1", "2"]
    assert seen[3].startswith("persistauth-mail")


def test_slow_job_delays_no_other() -> None:
    """A job that speaks to a mail server for long delays none behind it: its time tells nothing."""
    outbox, gate, next_one = Outbox(wait=at_once), threading.Event(), threading.Event()
    outbox.post(lambda: _wait(gate))
    outbox.post(next_one.set)
    began = next_one.wait(SECONDS)
    gate.set()
    outbox.flush(SECONDS)
    assert began


def test_pace() -> None:
    """The time to the next job is the same, whatever the one before did."""
    waited: list[float] = []
    outbox, gate = Outbox(wait=waited.append), threading.Event()

    def fail() -> None:
        raise StoreError("not now")

    for job in (lambda: None, fail, lambda: _wait(gate), gate.set):
        outbox.post(job)
    outbox.flush(SECONDS)
    assert waited == [PAUSE_SECONDS] * 4


@pytest.mark.parametrize("error", [StoreError("not now"), ZeroDivisionError("canary")])
def test_failure(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """A job that fails is one line in the log, and the next one runs."""
    outbox, seen = Outbox(wait=at_once), list[str]()

    def fail() -> None:
        raise error

    outbox.post(fail)
    outbox.post(lambda: seen.append("next"))
    outbox.flush(SECONDS)
    assert seen == ["next"]
    assert len(caplog.messages) == 1
    assert "canary" not in caplog.text


def test_flood(caplog: pytest.LogCaptureFixture) -> None:
    """What waits is bounded: further jobs are dropped and the log says so."""
    gate, begun, done = threading.Event(), threading.Event(), list[int]()
    outbox = Outbox(wait=lambda _seconds: _wait(gate))
    outbox.post(begun.set)
    assert begun.wait(SECONDS)
    for _ in range(MAX_WAITING + 5):
        outbox.post(lambda: done.append(1))
    gate.set()
    outbox.flush(SECONDS)
    assert len(done) == MAX_WAITING
    assert caplog.text.count("dropped") == 5


def test_mail_server_that_hangs() -> None:
    """So are the threads, where a mail server answers none of them."""
    gate, full, running = threading.Event(), threading.Event(), list[int]()

    def wait(_seconds: float) -> None:
        if len(running) == MAX_RUNNING:
            full.set()
            _wait(gate)

    def hang() -> None:
        running.append(1)
        _wait(gate)

    outbox = Outbox(wait=wait)
    for _ in range(MAX_RUNNING + 5):
        outbox.post(hang)
    assert full.wait(SECONDS)
    assert sum(item.name == "persistauth-mail" for item in threading.enumerate()) <= MAX_RUNNING
    gate.set()
    outbox.flush(SECONDS)
    assert len(running) == MAX_RUNNING + 5


def _wait(gate: threading.Event) -> None:
    assert gate.wait(SECONDS)
