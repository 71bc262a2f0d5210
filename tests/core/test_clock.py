import logging
from datetime import timedelta
from threading import Event

import pytest
from tests.support.clock import MovableClock
from tests.support.machine_time import Machine

from streamlit_persistauth.core import clock as clocks
from streamlit_persistauth.core.clock import (
    INTERVAL_SECONDS,
    LEEWAY,
    RETRY_SECONDS,
    MachineClock,
    SharedClock,
    steady_now,
)
from streamlit_persistauth.errors import StoreError

HOUR = timedelta(hours=1)


class StoreClock:
    """The clock of a store, which counts reads and can fail."""

    def __init__(self, world: MovableClock) -> None:
        """Show the right time."""
        self.world = world
        self.reads = 0
        self.fails = False
        self.error = timedelta()

    def __call__(self) -> object:
        """Return the time."""
        self.reads += 1
        if self.fails:
            raise StoreError("away")
        return self.world() + self.error


@pytest.fixture
def world() -> MovableClock:
    """The right time."""
    return MovableClock()


@pytest.fixture
def store(world: MovableClock) -> StoreClock:
    """The clock of the store."""
    return StoreClock(world)


def shared(world: MovableClock, store: StoreClock, error: timedelta) -> tuple[Machine, SharedClock]:
    """Return a machine with this error, and the clock of its process."""
    machine = Machine(world, error=error, read=store)  # type: ignore[arg-type]
    return machine, machine.clock


@pytest.mark.parametrize("error", [timedelta(), HOUR, -HOUR, timedelta(days=3000)])
def test_time_of_the_store(world: MovableClock, store: StoreClock, error: timedelta) -> None:
    """Whatever the machine shows, the first call returns the time of the store."""
    machine, clock = shared(world, store, error)
    assert clock() == world()
    assert clock.skew == machine.error
    assert clock.is_skewed == (error != timedelta())


def test_no_read_for_each_call(world: MovableClock, store: StoreClock) -> None:
    """The store is read once for each interval, however often the clock is."""
    _, clock = shared(world, store, HOUR)
    for _ in range(100):
        clock()
        world.move(seconds=INTERVAL_SECONDS / 101)
    assert store.reads == 1
    world.move(seconds=INTERVAL_SECONDS)
    clock()
    assert_read(clock, store, 2)


def assert_read(clock: SharedClock, store: StoreClock, reads: int) -> None:
    """Assert the number of reads, after a measurement that no caller waits for."""
    running = clock._running
    assert running is None or running.done.wait(5)
    assert store.reads == reads


def test_drift_is_followed(world: MovableClock, store: StoreClock) -> None:
    """A machine whose clock drifts is measured again."""
    machine, clock = shared(world, store, timedelta())
    assert clock() == world()
    for _ in range(10):  # no step, for each is small
        world.move(seconds=INTERVAL_SECONDS)
        machine.error += timedelta(seconds=4)
        clock()
        assert_read(clock, store, store.reads)
    assert abs(clock() - world()) < timedelta(seconds=1)


@pytest.mark.parametrize("step", [HOUR, -HOUR, timedelta(days=3000), timedelta(days=-3000)])
def test_clock_that_is_set(world: MovableClock, store: StoreClock, step: timedelta) -> None:
    """A machine whose clock is set is measured at the next call, which has the right time."""
    machine, clock = shared(world, store, timedelta())
    clock()
    machine.error = step
    assert abs(clock() - world()) < timedelta(seconds=1)
    machine.error = timedelta()
    assert abs(clock() - world()) < timedelta(seconds=1)
    assert store.reads == 3


@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_clock_that_is_set_in_an_outage(
    world: MovableClock, store: StoreClock, step: timedelta
) -> None:
    """While the store does not answer, time does not go back: nothing becomes valid again."""
    machine, clock = shared(world, store, timedelta())
    clock()
    store.fails = True
    machine.error = step
    assert clock() >= world()
    store.fails = False
    world.move(seconds=RETRY_SECONDS)
    assert abs(clock() - world()) < timedelta(seconds=1)


def test_store_that_fails(world: MovableClock, store: StoreClock) -> None:
    """A store that fails is read again after a pause, and the machine's time applies until then."""
    store.fails = True
    machine, clock = shared(world, store, -HOUR)
    assert [clock() for _ in range(10)] == [machine.wall()] * 10
    assert store.reads == 1
    store.fails = False
    world.move(seconds=RETRY_SECONDS)
    assert clock() == world()


def test_store_that_hangs(world: MovableClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that does not answer delays the callers by the patience at most."""
    monkeypatch.setattr(clocks, "PATIENCE_SECONDS", 0.01)
    answered = Event()

    def read() -> object:
        answered.wait(60)
        return world()

    machine = Machine(world, error=-HOUR, read=read)  # type: ignore[arg-type]
    assert machine.clock() == machine.wall()
    running = machine.clock._running
    answered.set()
    assert running is not None
    assert running.done.wait(5)
    assert machine.clock() == world()


def test_logged_once(
    world: MovableClock, store: StoreClock, caplog: pytest.LogCaptureFixture
) -> None:
    """A difference beyond the leeway is logged once, and once more when it is gone."""
    caplog.set_level(logging.INFO, "streamlit_persistauth")
    machine, clock = shared(world, store, -2 * LEEWAY)
    for _ in range(5):
        clock()
        world.move(seconds=INTERVAL_SECONDS)
        assert_read(clock, store, store.reads)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "120 seconds behind" in caplog.text
    machine.error = timedelta()
    clock()
    assert_read(clock, store, store.reads)
    assert "agrees with that of the store again" in caplog.messages[-1]
    assert not clock.is_skewed


def test_within_a_second(world: MovableClock, store: StoreClock) -> None:
    """A difference of less than a second changes no time."""
    machine, clock = shared(world, store, timedelta(seconds=0.9))
    assert clock() == machine.wall()


def test_machine_that_is_set_back(world: MovableClock) -> None:
    """Without a clock of the store, time goes on when the machine's clock is set back."""
    machine = Machine(world)
    before = machine.clock()
    machine.error = -HOUR
    world.move(seconds=1)
    assert machine.clock() == before + timedelta(seconds=1)
    machine.error = timedelta()
    assert machine.clock() == world()


def test_machine_that_is_set_forward(world: MovableClock) -> None:
    """A clock that is set forward is followed, for a machine that slept shows the right time."""
    machine = Machine(world)
    machine.error = HOUR
    assert machine.clock() == machine.wall()


def test_small_corrections(world: MovableClock) -> None:
    """Corrections by a few seconds are followed, both ways."""
    machine = Machine(world)
    for error in (2, -2, 2, -2, 0):
        machine.error = timedelta(seconds=error)
        assert machine.clock() == machine.wall()


def test_real_clocks() -> None:
    """The clocks of this machine show its time, and a steady one advances."""
    assert abs(MachineClock()() - clocks.utc_now()) < timedelta(seconds=1)
    assert abs(SharedClock(None)() - clocks.utc_now()) < timedelta(seconds=1)
    before = steady_now()
    assert before <= steady_now()
