from datetime import timedelta

from tests.support.core_app import CoreApp

HOUR = timedelta(hours=1)


def test_one_holder(core: CoreApp) -> None:
    """Only one caller holds a lease, until it expires; the others get to know when."""
    first, second = (core.leases.try_take("x", HOUR) for _ in range(2))
    assert first.is_held
    assert not second.is_held
    assert first.until == second.until == core.clock() + HOUR
    core.clock.move(hours=1)
    assert core.leases.try_take("x", HOUR).is_held


def test_names(core: CoreApp) -> None:
    """Locks of different names are independent."""
    assert core.leases.try_take("x", HOUR).is_held
    assert core.leases.try_take("y", HOUR).is_held


def test_released(core: CoreApp) -> None:
    """A lock is free again after the block."""
    with core.leases.taken("x"):
        assert not core.leases.try_take("x", HOUR).is_held
    assert core.leases.try_take("x", HOUR).is_held
