"""The tests that every store of events has to pass."""

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from streamlit_persistauth.core.storage.protocols import EventStore
from streamlit_persistauth.core.storage.queries import AddressCount, DayCount, EventQuery
from streamlit_persistauth.core.storage.records import EventRecord
from streamlit_persistauth.testing.rows import START

HOSTILE = 'a "quoted" <b>\r\n\x1b[2J\u202e 😀 \\ % _ \''


def event(event_type: str, user_id: str | None, *, minutes: float = 0) -> EventRecord:
    """Return an event of some minutes after `START`."""
    time = START + timedelta(minutes=minutes)
    return EventRecord(event_type, user_id, time, {"reason": HOSTILE}, "2001:db8::1", "Mozilla/5.0")


class EventStoreSuite:
    """Tests of the `EventStore` protocol. Subclasses define the fixture `events`."""

    @pytest.fixture
    def events(self) -> EventStore:
        """An empty store, the one under test."""
        raise NotImplementedError

    def test_round_trip(self, events: EventStore) -> None:
        """Added events are found unchanged, newest first, with increasing ids."""
        old, new = event("login", "ada"), event("logout", None, minutes=0.00001)
        bare = EventRecord("throttled", "bob", START - timedelta(days=1), {})
        for record in (old, new, bare):
            events.add(record)
        found = events.find(EventQuery())
        assert found == [new, old, bare]
        by_type = {record.event_type: record.id or 0 for record in found}
        assert 0 < by_type["login"] < by_type["logout"] < by_type["throttled"]

    @pytest.mark.parametrize(
        ("query", "numbers"),
        [
            (EventQuery(user_id="ada"), [4, 2, 0]),
            (EventQuery(user_id="ada' OR '1'='1"), []),
            (EventQuery(user_id="ad_"), []),
            (EventQuery(user_id="ada\0"), []),
            (EventQuery(user_id="ADA"), []),
            (EventQuery(types=("login",)), [4, 3, 1, 0]),
            (EventQuery(types=("login", "logout")), [4, 3, 2, 1, 0]),
            (EventQuery(types=("nothing",)), []),
            (EventQuery(since=START + timedelta(minutes=3)), [4, 3]),
            (EventQuery(until=START + timedelta(minutes=3)), [2, 1, 0]),
            (EventQuery("ada", ("login",), START, START + timedelta(minutes=4)), [0]),
            (EventQuery(limit=2), [4, 3]),
        ],
    )
    def test_find(self, events: EventStore, query: EventQuery, numbers: list[int]) -> None:
        """Events are filtered by user, type and time: from `since` on and before `until`."""
        made = [
            event("logout" if number == 2 else "login", ("ada", "bob")[number % 2], minutes=number)
            for number in range(5)
        ]
        for record in made:
            events.add(record)
        assert events.find(query) == [made[number] for number in numbers]

    def test_pages(self, events: EventStore) -> None:
        """Pages have no gaps or repetitions, even among events of the same time."""
        made = [event("login", f"user {n}", minutes=n // 4) for n in range(12)]
        for record in made:
            events.add(record)
        found: list[EventRecord] = []
        page = events.find(EventQuery(limit=5))
        while page:
            found += page
            page = events.find(EventQuery(limit=5, before=page[-1]))
        assert found == made[::-1]
        bobs = events.find(EventQuery(user_id="user 3", before=found[0]))
        assert bobs == [made[3]]

    def test_per_day(self, events: EventStore) -> None:
        """Events are counted by UTC days, in order, from a given time on."""
        midnight = datetime(2030, 1, 3, tzinfo=timezone.utc)
        kinds = ("login", "login", "logout", "login", "other")
        moments = [midnight + timedelta(microseconds=item) for item in (-2, -1, 0, 1, 2)]
        for kind, moment in zip(kinds, moments, strict=True):
            events.add(replace(event(kind, "ada"), created_at=moment))
        counts = events.per_day(["login", "logout"], moments[1])
        assert counts == [
            DayCount(date(2030, 1, 2), "login", 1),
            DayCount(date(2030, 1, 3), "login", 1),
            DayCount(date(2030, 1, 3), "logout", 1),
        ]
        assert events.per_day([], moments[0]) == []

    def test_per_address(self, events: EventStore) -> None:
        """Events are counted by address, most frequent first, except those without an address."""
        for address in ("c", "b", "b", "a", None, "d"):
            kind = "other" if address == "d" else "throttled"
            events.add(replace(event(kind, None), ip_address=address))
        old = event("throttled", None, minutes=-1)
        events.add(old)
        counts = events.per_address(["throttled"], START, limit=2)
        assert counts == [AddressCount("b", 2), AddressCount("a", 1)]

    def test_purge(self, events: EventStore) -> None:
        """Only events before the given time are deleted."""
        old, new = event("login", "ada", minutes=-1), event("login", "ada")
        for record in (old, new):
            events.add(record)
        assert events.purge(START) == 1
        assert events.find(EventQuery()) == [new]
