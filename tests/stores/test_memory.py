from datetime import timedelta

import pytest
from tests.support.clock import START, MovableClock

from streamlit_persistauth.core.storage.records import CounterRecord
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.stores.memory import MemoryTokenStore, MemoryUserStore
from streamlit_persistauth.testing.rows import session_record, user_record


def count(tries: int, minutes: int = 0) -> CounterRecord:
    """Return a counter."""
    moment = START + timedelta(minutes=minutes)
    return CounterRecord(tries, moment, moment + timedelta(days=1))


def test_full_of_sessions(clock: MovableClock) -> None:
    """A full store deletes expired records first, then the oldest."""
    store = MemoryTokenStore(max_records=3, clock=clock)
    old, middle, young, newest = (
        session_record("ada", created_at=START + timedelta(hours=hour)) for hour in (0, 1, 2, 3)
    )
    for record in (young, old, middle):
        store.put(record)
    clock.now = old.expires_at + timedelta(minutes=1)
    store.put(newest)
    assert store.list_sessions("ada") == [newest, young, middle]
    store.put(session_record("bob", created_at=START + timedelta(hours=4)))
    assert store.list_sessions("ada") == [newest, young]


def test_full_of_counters(clock: MovableClock) -> None:
    """A flood of new counters does not delete the counter of a locked account."""
    store = MemoryTokenStore(max_records=10, clock=clock)
    store.swap_count("locked", None, count(9))
    for number in range(100):
        assert store.swap_count(f"flood {number}", None, count(1, minutes=number))
    assert store.count("locked") == count(9)
    assert store.count("flood 99") is not None
    assert sum(store.count(f"flood {number}") is not None for number in range(100)) <= 9


def test_full_of_accounts() -> None:
    """A full store refuses a new account and keeps the others."""
    store = MemoryUserStore(max_records=1)
    ada = user_record()
    store.add(ada)
    with pytest.raises(StoreError):
        store.add(user_record("bob@example.com"))
    assert store.get(ada.user.id) == ada


def test_nothing_is_left() -> None:
    """Revoked sessions leave nothing in an index."""
    store = MemoryTokenStore()
    for user in ("ada", "bob"):
        session = session_record(user)
        store.put(session)
        store.end_session(session.session_id)
    assert not store._records
    assert not store._ids_by_hash
    assert not store._ids_by_session
    assert not store._ids_by_user
