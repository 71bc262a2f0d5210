from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.clock import START
from tests.support.house import EMAIL, House

from streamlit_persistauth.core.events import EventType
from streamlit_persistauth.core.housekeeping import Rules
from streamlit_persistauth.core.records import Pending
from streamlit_persistauth.models import Stats, Tally
from streamlit_persistauth.testing.races import at_once
from streamlit_persistauth.testing.rows import user_record

DAILY = Rules(interval=timedelta(days=1))


def test_purge() -> None:
    """Purging deletes what expired long enough ago, and nothing that lives."""
    house = House()
    user = house.add_user()
    house.sign_in(user)
    house.clock.move(days=31, hours=1)
    alive = house.sign_in(user)
    assert house.housekeeping.purge(older_than=timedelta(days=31)) == 0
    assert house.housekeeping.purge(older_than=timedelta(days=30)) == 1
    assert house.sessions.resume_session(alive).user == user


@pytest.mark.parametrize(("older_than", "kept"), [(30, 30), (0, 7)])
def test_unproven_accounts(older_than: int, kept: int) -> None:
    """An account that never proved its address goes, but not while its links may count."""
    house = House()
    made = replace(user_record(EMAIL), pending=Pending.CONFIRMATION)
    made = replace(made, user=replace(made.user, created_at=START))
    house.users.add(made)
    purge = house.housekeeping.purge
    house.clock.move(days=kept)
    assert purge(older_than=timedelta(days=older_than)) == 0
    house.clock.move(seconds=1)
    assert purge(older_than=timedelta(days=older_than)) == 1
    assert house.users.find(EMAIL) is None


@pytest.mark.parametrize(("rules", "left"), [(Rules(), 2), (Rules(events=timedelta(days=90)), 1)])
def test_events(rules: Rules, left: int) -> None:
    """Events go by a rule of their own, or not at all."""
    house = House(rules=rules)
    house.recorder.record(EventType.LOGIN)
    house.clock.move(days=91)
    house.recorder.record(EventType.LOGIN)
    house.housekeeping.purge(older_than=timedelta(days=30))
    assert len(house.events.records) == left


def test_by_itself() -> None:
    """With an interval, the next event after it has a purge made; not every event."""
    house = House(rules=DAILY)
    user = house.add_user()
    house.sign_in(user)
    house.clock.move(days=40)
    house.tokens.reset()
    house.recorder.record(EventType.LOGIN)
    house.recorder.record(EventType.LOGIN)
    assert house.tokens.calls.count("purge") == 1
    assert house.housekeeping.stats().live == 0
    house.clock.move(hours=23, minutes=59)
    house.recorder.record(EventType.LOGIN)
    assert house.tokens.calls.count("purge") == 1
    house.clock.move(minutes=1)
    house.recorder.record(EventType.LOGIN)
    assert house.tokens.calls.count("purge") == 2


def test_not_by_itself() -> None:
    """Without an interval no event purges anything."""
    house = House()
    house.recorder.record(EventType.LOGIN)
    assert "purge" not in house.tokens.calls


def test_one_replica_at_a_time() -> None:
    """Of ten replicas whose purge is due at the same moment, one makes it; so the next time."""
    first = House(rules=DAILY)
    replicas = [first, *[House(rules=DAILY, tokens=first.tokens) for _ in range(9)]]
    for house in replicas:
        house.clock = first.clock
        house.housekeeping._clock = first.clock
    for turn in (1, 2):
        at_once(*[lambda house=house: house.recorder.record(EventType.LOGIN) for house in replicas])
        assert first.tokens.calls.count("purge") == turn
        first.clock.move(days=1)


@pytest.mark.parametrize("fail_at", range(4))
def test_store_that_fails(fail_at: int) -> None:
    """A purge that fails breaks nothing of what woke it; the next turn comes."""
    house = House(rules=DAILY)
    house.tokens.reset(fail_at=fail_at)
    house.recorder.record(EventType.LOGIN)
    house.tokens.reset()
    house.clock.move(days=1)
    house.recorder.record(EventType.LOGIN)
    assert "purge" in house.tokens.calls


def test_stats() -> None:
    """What there is of each type is counted; live until it expires."""
    house = House()
    user = house.add_user()
    house.sign_in(user)
    house.clock.move(hours=1)
    session = house.sign_in(user)
    house.sessions.hand_off(session, user.id, browser="browser")
    house.clock.move(hours=23)
    stats = house.housekeeping.stats()
    assert stats.by_type == {
        "session": Tally(1, 1, START),
        "handoff": Tally(0, 1, START + timedelta(hours=1)),
    }
    assert (stats.live, stats.expired, stats.oldest) == (1, 2, START)


def test_stats_of_nothing() -> None:
    """An empty store has nothing, and no oldest."""
    assert House().housekeeping.stats() == Stats({})
    assert Stats({}).oldest is None
