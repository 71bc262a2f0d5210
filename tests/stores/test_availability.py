"""What is logged about a store that fails, and when its calls are refused."""

import logging
from dataclasses import dataclass, field
from threading import Event
from time import monotonic

import pytest

from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.stores import faults
from streamlit_persistauth.stores.faults import Availability


@dataclass
class Time:
    """A monotonic clock that a test moves."""

    now: float = 1000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@dataclass
class Store:
    """A store whose probe a test answers.

    Attributes:
        answers: Set when the store answers.
        probed: Set at each probe.
    """

    answers: Event = field(default_factory=Event)
    probed: Event = field(default_factory=Event)

    def probe(self) -> None:
        """Wait for the store."""
        self.probed.set()
        assert self.answers.wait(20)


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    """The clock of the module under test."""
    made = Time()
    monkeypatch.setattr(faults, "monotonic", made)
    return made


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    """The log, from warnings on."""
    caplog.set_level(logging.WARNING, "streamlit_persistauth")
    return caplog


def test_outage(time: Time, log: pytest.LogCaptureFixture) -> None:
    """The log has one line about an outage, one a minute while it lasts, and one at its end."""
    availability = Availability("database", lambda: None)
    for _ in range(265):
        availability.unreachable("reading", "OperationalError: 'refused'")
    first, *others = log.messages
    assert first.startswith("database: unavailable since ")
    assert first.endswith(" UTC; reading failed: OperationalError: 'refused'")
    assert not others
    time.now += 59
    availability.unreachable("writing", "OperationalError: 'refused'")
    assert len(log.messages) == 1
    time.now += 1
    availability.unreachable("writing", "OperationalError: 'refused'")
    assert "still unavailable since" in log.messages[-1]
    assert "267 calls failed; the last one, writing failed: " in log.messages[-1]
    time.now += 3
    availability.answered()
    availability.answered()
    assert log.messages[2:] == ["database: available again after 63.0 s; calls that failed: 267"]


def test_connections_that_come_and_go(time: Time, log: pytest.LogCaptureFixture) -> None:
    """A store that fails every other call does not fill the log."""
    availability = Availability("database", lambda: None)
    for _ in range(300):
        availability.unreachable("reading", "OperationalError")
        availability.answered()
        time.now += 0.5
    assert len(log.messages) == 6  # begin and end, in each of three minutes


def test_refused(time: Time, log: pytest.LogCaptureFixture) -> None:
    """An error that a store answers with is logged once a minute, and is no outage."""
    availability = Availability("database", lambda: None)
    for _ in range(10):
        availability.refused("reading", "ProgrammingError")
        availability.answered()
    availability.refused("writing", "IntegrityError")
    assert log.messages == [
        "database: reading failed: ProgrammingError",
        "database: writing failed: IntegrityError",
    ]
    assert availability.since is None
    time.now += 60
    availability.refused("reading", "ProgrammingError")
    assert log.messages[-1].endswith("ProgrammingError; 9 more times since the last such line")


def test_many_kinds(log: pytest.LogCaptureFixture) -> None:
    """The memory of what was logged is limited."""
    availability = Availability("database", lambda: None)
    for number in range(1000):
        availability.refused("reading", f"fault {number}")
    assert len(availability._faults) <= faults.MAX_FAULTS


def test_hanging_store() -> None:
    """After a call that timed out, calls are refused until a probe is answered."""
    store = Store()
    availability = Availability("database", store.probe)
    availability.require("reading")
    availability.timed_out("reading", monotonic())
    assert store.probed.wait(20)
    for _ in range(3):
        with pytest.raises(StoreError) as caught:
            availability.require("reading")
        assert str(caught.value) == str(faults.unavailable())
    assert availability.since is not None
    store.answers.set()
    assert availability._prober
    availability._prober.join(20)
    availability.require("reading")
    assert availability.since is None


def test_slow_call() -> None:
    """A slow call refuses no others while the store answers them."""
    store = Store()
    availability = Availability("database", store.probe)
    began = monotonic()
    availability.answered()
    availability.timed_out("reading", began)
    availability.require("reading")
    assert not store.probed.is_set()


def test_probe_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe that fails is repeated; the thread ends with the store."""
    monkeypatch.setattr(faults, "RETRY_SECONDS", 0)
    probes: list[None] = []
    enough = Event()

    def probe() -> None:
        probes.append(None)
        if len(probes) == 3:
            enough.set()
        raise OSError

    availability = Availability("database", probe)
    availability.timed_out("reading", monotonic())
    prober = availability._prober
    assert prober
    assert enough.wait(20)
    del availability
    prober.join(20)
    assert not prober.is_alive()


def test_forked_process() -> None:
    """A process without the thread that probes starts its own."""
    store = Store()
    store.answers.set()
    availability = Availability("database", store.probe)
    availability._is_refusing = True  # as after a fork: the memory without the thread
    with pytest.raises(StoreError):
        availability.require("reading")
    assert availability._prober
    availability._prober.join(20)
    availability.require("reading")
