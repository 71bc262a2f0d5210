import threading

import pytest

from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.mail.outbox import MAX_WAITING, Outbox


def test_runs_elsewhere() -> None:
    """A job runs on another thread, and those after it in order."""
    outbox, seen = Outbox(), list[str]()
    for number in range(3):
        outbox.post(lambda number=number: seen.append(f"{number}"))  # type: ignore[misc]
    outbox.post(lambda: seen.append(threading.current_thread().name))
    outbox.flush(10)
    assert seen[:3] == ["0", "1", "2"]
    assert seen[3].startswith("persistauth-mail")


@pytest.mark.parametrize("error", [StoreError("not now"), ZeroDivisionError("canary")])
def test_failure(error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    """A job that fails is one line in the log, and the next one runs."""
    outbox, seen = Outbox(), list[str]()

    def fail() -> None:
        raise error

    outbox.post(fail)
    outbox.post(lambda: seen.append("next"))
    outbox.flush(10)
    assert seen == ["next"]
    assert len(caplog.messages) == 1
    assert "canary" not in caplog.text


def test_flood(caplog: pytest.LogCaptureFixture) -> None:
    """What waits is bounded: further jobs are dropped and the log says so."""
    outbox, gate, done = Outbox(), threading.Event(), list[int]()
    outbox.post(lambda: _wait(gate))
    for _ in range(MAX_WAITING + 5):
        outbox.post(lambda: done.append(1))
    gate.set()
    outbox.flush(20)
    assert len(done) == MAX_WAITING - 1
    assert "dropped" in caplog.text


def _wait(gate: threading.Event) -> None:
    gate.wait(20)
