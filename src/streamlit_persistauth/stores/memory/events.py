"""Events in the memory of this process."""

from collections import Counter, deque
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timezone
from heapq import nlargest
from itertools import count
from typing import Final

from streamlit_persistauth.core.storage.queries import AddressCount, DayCount, EventQuery, age
from streamlit_persistauth.core.storage.records import EventRecord

MAX_EVENTS: Final = 10_000
"""The oldest ones are dropped first."""


class MemoryEventStore:
    """The latest events, lost when the process ends."""

    def __init__(self) -> None:
        self.records: deque[EventRecord] = deque(maxlen=MAX_EVENTS)
        self._ids = count(1)

    def add(self, record: EventRecord) -> None:
        self.records.append(replace(record, id=next(self._ids)))

    def find(self, query: EventQuery) -> list[EventRecord]:
        return nlargest(query.limit, filter(query.matches, list(self.records)), key=age)

    def per_day(self, types: Collection[str], since: datetime) -> list[DayCount]:
        counts = Counter(
            (record.created_at.astimezone(timezone.utc).date(), record.event_type)
            for record in self._of_types(types, since)
        )
        return [DayCount(*key, counts[key]) for key in sorted(counts)]

    def per_address(
        self, types: Collection[str], since: datetime, *, limit: int
    ) -> list[AddressCount]:
        counts = Counter(
            record.ip_address for record in self._of_types(types, since) if record.ip_address
        )
        most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [AddressCount(*item) for item in most[:limit]]

    def purge(self, before: datetime) -> int:
        kept = [record for record in self.records if record.created_at >= before]
        purged = len(self.records) - len(kept)
        self.records = deque(kept, maxlen=MAX_EVENTS)
        return purged

    def _of_types(self, types: Collection[str], since: datetime) -> list[EventRecord]:
        return [r for r in list(self.records) if r.event_type in types and r.created_at >= since]
