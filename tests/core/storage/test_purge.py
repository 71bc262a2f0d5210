from dataclasses import replace
from datetime import timedelta

import pytest
from tests.support.clock import START
from tests.support.core_app import EMAIL, CoreApp

from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.storage.purge import PurgeRules
from streamlit_persistauth.core.storage.records import Pending
from streamlit_persistauth.models import Stats, TokenCounts
from streamlit_persistauth.testing.races import at_once
from streamlit_persistauth.testing.rows import user_record

DAILY = PurgeRules(interval=timedelta(days=1))


def test_purge() -> None:
    """A purge deletes what expired long enough ago, and no live session."""
    core = CoreApp()
    user = core.add_user()
    core.sign_in(user)
    core.clock.move(days=31, hours=1)
    alive = core.sign_in(user)
    assert core.purge.purge(older_than=timedelta(days=31)) == 0
    assert core.purge.purge(older_than=timedelta(days=30)) == 1
    assert core.sessions.resume_session(alive).user == user


@pytest.mark.parametrize(("older_than", "kept"), [(30, 30), (0, 7)])
def test_unconfirmed_accounts(older_than: int, kept: int) -> None:
    """An account with an unconfirmed address is deleted, but not while its link may be valid."""
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


@pytest.mark.parametrize(
    ("rules", "left"), [(PurgeRules(), 2), (PurgeRules(events=timedelta(days=90)), 1)]
)
def test_events(rules: PurgeRules, left: int) -> None:
    """Events are deleted by a rule of their own; without one they are kept."""
    core = CoreApp(rules=rules)
    core.recorder.record(EventType.LOGIN)
    core.clock.move(days=91)
    core.recorder.record(EventType.LOGIN)
    core.purge.purge(older_than=timedelta(days=30))
    assert len(core.events.records) == left


def test_interval() -> None:
    """With an interval, the first event after it triggers a purge; later events do not."""
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


def test_without_interval() -> None:
    """Without an interval no event triggers a purge."""
    core = CoreApp()
    core.recorder.record(EventType.LOGIN)
    assert "purge" not in core.tokens.calls


def test_one_replica_at_a_time() -> None:
    """Of ten replicas whose purge is due at the same moment, one purges; the next time too."""
    first = CoreApp(rules=DAILY)
    others = [CoreApp(rules=DAILY, tokens=first.tokens, clock=first.clock) for _ in range(9)]
    replicas = [first, *others]
    for purges in (1, 2):
        at_once(*[lambda core=core: core.recorder.record(EventType.LOGIN) for core in replicas])
        assert first.tokens.calls.count("purge") == purges
        first.clock.move(days=1)


@pytest.mark.parametrize("fail_at", range(4))
def test_store_that_fails(fail_at: int) -> None:
    """A purge that fails does not break the event that triggered it, and the next one runs."""
    core = CoreApp(rules=DAILY)
    core.tokens.reset(fail_at=fail_at)
    core.recorder.record(EventType.LOGIN)
    core.tokens.reset()
    core.clock.move(days=1)
    core.recorder.record(EventType.LOGIN)
    assert "purge" in core.tokens.calls


def test_stats() -> None:
    """Records are counted by type; a record is live until it expires."""
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
    """The statistics of an empty store are empty."""
    assert CoreApp().purge.stats() == Stats({})
    assert Stats({}).oldest is None
