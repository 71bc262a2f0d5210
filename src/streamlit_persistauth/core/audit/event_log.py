"""Read and export the recorded events."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from streamlit_persistauth.core.audit.csv import HEADER, csv_rows
from streamlit_persistauth.core.storage.protocols import EventStore
from streamlit_persistauth.core.storage.queries import AddressCount, DayCount, EventQuery
from streamlit_persistauth.core.storage.records import EventRecord

BATCH: Final = 1000
"""Events that an export reads at a time."""


@dataclass(frozen=True, eq=False, repr=False)
class EventLog:
    """Reads recorded events."""

    store: EventStore

    def find(self, query: EventQuery) -> list[EventRecord]:
        """Return events, newest first.

        For the next page, repeat the query with `before` set to the last event of this page.
        """
        return [] if query.matches_nothing else self.store.find(query)

    def per_day(self, types: Collection[str], since: datetime) -> list[DayCount]:
        """Return the number of events per day (UTC) and type."""
        return self.store.per_day(types, since)

    def per_address(
        self, types: Collection[str], since: datetime, *, limit: int = 10
    ) -> list[AddressCount]:
        """Return the addresses with the most events of these types."""
        return self.store.per_address(types, since, limit=limit)

    def export(self, query: EventQuery) -> Iterator[str]:
        """Yield events as CSV (RFC 4180), newest first, in chunks of `BATCH` rows.

        Args:
            query: The events to export; its `limit` applies to the whole export.
        """
        yield HEADER
        left, before = query.limit, query.before
        while left > 0:
            batch = replace(query, before=before, limit=min(left, BATCH))
            events = self.find(batch)
            yield csv_rows(events)
            if len(events) < batch.limit:
                return
            left, before = left - len(events), events[-1]
