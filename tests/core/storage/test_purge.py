from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.clock import START
from tests.support.core_app import EMAIL, CoreApp

from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.storage.purge import Rules
from streamlit_persistauth.core.storage.records import Pending
from streamlit_persistauth.models import Stats, TokenCounts
from streamlit_persistauth.testing.races import at_once
from streamlit_persistauth.testing.rows import user_record

DAILY = Rules(interval=timedelta(days=1))


def test_purge() -> None:
    """A purge deletes what expired long enough ago, and nothing that is valid."""
    core = CoreApp()
    user = core.add_user()
    core.sign_in(user)
    core.clock.move(days=31, hours=1)
    alive = core.sign_in(user)
    assert core.purge.purge(older_than=timedelta(days=31)) == 0
    assert core.purge.purge(older_than=timedelta(days=30)) == 1
    assert core.sessions.resume_session(alive).user == user


@pytest.mark.parametrize(("older_than", "kept"), [(30, 30), (0, 7)])
def test_unproven_accounts(older_than: int, kept: int) -> None:
    """An unconfirmed account is deleted, but not while its links may be valid."""
    core = CoreApp()
    made = replace(user_record(EMAIL), pending=Pending.CONFIRMATION)
    made = replace(made, user=replace(made.user, created_at=START))
    core.users.add(made)
    purge = core.purge.purge
    core.clock.move(days=kept)
    assert purge(older_than=timedelta(days=older_than)) == 0
    core.clock.move(seconds=1)
    assert purge(older_than=timedelta(days=older_than)) == 1
    assert core.users.find(EMAIL) is None


@pytest.mark.parametrize(("rules", "left"), [(Rules(), 2), (Rules(events=timedelta(days=90)), 1)])
def test_events(rules: Rules, left: int) -> None:
    """Events have their own retention, or are kept."""
    core = CoreApp(rules=rules)
    core.recorder.record(EventType.LOGIN)
    core.clock.move(days=91)
    core.recorder.record(EventType.LOGIN)
    core.purge.purge(older_than=timedelta(days=30))
    assert len(core.events.records) == left


def test_by_itself() -> None:
    """With an interval, the next event after it starts a purge; other events do not."""
    core = CoreApp(rules=DAILY)
    user = core.add_user()
    core.sign_in(user)
    core.clock.move(days=40)
    core.tokens.reset()
    core.recorder.record(EventType.LOGIN)
    core.recorder.record(EventType.LOGIN)
    assert core.tokens.calls.count("purge") == 1
    assert core.purge.stats().live == 0
    core.clock.move(hours=23, minutes=59)
    core.recorder.record(EventType.LOGIN)
    assert core.tokens.calls.count("purge") == 1
    core.clock.move(minutes=1)
    core.recorder.record(EventType.LOGIN)
    assert core.tokens.calls.count("purge") == 2


def test_not_by_itself() -> None:
    """Without an interval no event starts a purge."""
    core = CoreApp()
    core.recorder.record(EventType.LOGIN)
    assert "purge" not in core.tokens.calls


def test_one_replica_at_a_time() -> None:
    """Of ten replicas whose purge is due at the same moment, one runs it, each time."""
    first = CoreApp(rules=DAILY)
    replicas = [first, *[CoreApp(rules=DAILY, tokens=first.tokens) for _ in range(9)]]
    for core in replicas:
        core.clock = first.clock
        core.purge._clock = first.clock
    for turn in (1, 2):
        at_once(*[lambda core=core: core.recorder.record(EventType.LOGIN) for core in replicas])
        assert first.tokens.calls.count("purge") == turn
        first.clock.move(days=1)


@pytest.mark.parametrize("fail_at", range(4))
def test_store_that_fails(fail_at: int) -> None:
    """A failing purge does not affect the event that started it; the next one runs later."""
    core = CoreApp(rules=DAILY)
    core.tokens.reset(fail_at=fail_at)
    core.recorder.record(EventType.LOGIN)
    core.tokens.reset()
    core.clock.move(days=1)
    core.recorder.record(EventType.LOGIN)
    assert "purge" in core.tokens.calls


def test_stats() -> None:
    """Tokens are counted by type; they are live until they expire."""
    core = CoreApp()
    user = core.add_user()
    core.sign_in(user)
    core.clock.move(hours=1)
    session = core.sign_in(user)
    core.sessions.hand_off(session, user.id, browser="browser")
    core.clock.move(hours=23)
    stats = core.purge.stats()
    assert stats.by_type == {
        "session": TokenCounts(1, 1, START),
        "handoff": TokenCounts(0, 1, START + timedelta(hours=1)),
    }
    assert (stats.live, stats.expired, stats.oldest) == (1, 2, START)


def test_stats_of_nothing() -> None:
    """An empty store has no tokens and no oldest one."""
    assert CoreApp().purge.stats() == Stats({})
    assert Stats({}).oldest is None
