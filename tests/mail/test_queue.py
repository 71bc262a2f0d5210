import threading
from collections.abc import Callable

import pytest

from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.mail.queue import MAX_RUNNING, MAX_WAITING, PAUSE_SECONDS, MailQueue

SECONDS = 20


def at_once(_seconds: float) -> None:
    """Do not wait."""


def test_runs_on_other_threads() -> None:
    """Jobs run on other threads, and start in the order in which they were posted."""
    finished, seen = threading.Semaphore(0), list[str]()

    def wait(_seconds: float) -> None:
        assert finished.acquire(timeout=SECONDS)

    def note(what: str) -> Callable[[], None]:
        def run() -> None:
            seen.append(what)
            finished.release()

        return run

    def note_thread() -> None:
        note(threading.current_thread().name)()

    mail_queue = MailQueue(wait=wait)
    for number in range(3):
        mail_queue.post(note(f"{number}"))
    mail_queue.post(note_thread)
    mail_queue.flush(SECONDS)
    assert seen[:3] == ["0", "1", "2"]
    assert seen[3].startswith("persistauth-mail")


def test_slow_job_delays_no_other() -> None:
    """A job that takes long delays no other, so its duration reveals nothing."""
    mail_queue, gate, next_one = MailQueue(wait=at_once), threading.Event(), threading.Event()
    mail_queue.post(lambda: _wait(gate))
    mail_queue.post(next_one.set)
    began = next_one.wait(SECONDS)
    gate.set()
    mail_queue.flush(SECONDS)
    assert began


def test_pace() -> None:
    """The time to the next job is the same, whatever the one before did."""
    waited: list[float] = []
    mail_queue, gate = MailQueue(wait=waited.append), threading.Event()

    def fail() -> None:
        raise StoreError("not now")

    for job in (lambda: None, fail, lambda: _wait(gate), gate.set):
        mail_queue.post(job)
    mail_queue.flush(SECONDS)
    assert waited == [PAUSE_SECONDS] * 4


@pytest.mark.parametrize("error", [StoreError("not now"), ZeroDivisionError("canary")])
def test_failure(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """A job that fails is one line in the log, and the next one runs."""
    mail_queue, seen = MailQueue(wait=at_once), list[str]()

    def fail() -> None:
        raise error

    mail_queue.post(fail)
    mail_queue.post(lambda: seen.append("next"))
    mail_queue.flush(SECONDS)
    assert seen == ["next"]
    assert len(caplog.messages) == 1
    assert "canary" not in caplog.text


def test_flood(caplog: pytest.LogCaptureFixture) -> None:
    """The number of waiting jobs is bounded: further ones are dropped and logged."""
    gate, begun, done = threading.Event(), threading.Event(), list[int]()
    mail_queue = MailQueue(wait=lambda _seconds: _wait(gate))
    mail_queue.post(begun.set)
    assert begun.wait(SECONDS)
    for _ in range(MAX_WAITING + 5):
        mail_queue.post(lambda: done.append(1))
    gate.set()
    mail_queue.flush(SECONDS)
    assert len(done) == MAX_WAITING
    assert caplog.text.count("dropped") == 5


def test_mail_server_that_hangs() -> None:
    """The number of threads is bounded while a mail server hangs."""
    gate, full, running = threading.Event(), threading.Event(), list[int]()

    def wait(_seconds: float) -> None:
        if len(running) == MAX_RUNNING:
            full.set()
            _wait(gate)

    def hang() -> None:
        running.append(1)
        _wait(gate)

    mail_queue = MailQueue(wait=wait)
    for _ in range(MAX_RUNNING + 5):
        mail_queue.post(hang)
    assert full.wait(SECONDS)
    assert sum(item.name == "persistauth-mail" for item in threading.enumerate()) <= MAX_RUNNING
    gate.set()
    mail_queue.flush(SECONDS)
    assert len(running) == MAX_RUNNING + 5


def _wait(gate: threading.Event) -> None:
    assert gate.wait(SECONDS)
