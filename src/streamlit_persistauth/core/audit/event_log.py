"""What has happened, to be read again."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final

from streamlit_persistauth.core.audit.csv import HEADER, csv_rows
from streamlit_persistauth.core.storage.protocols import EventStore
from streamlit_persistauth.core.storage.queries import AddressCount, DayCount, EventQuery
from streamlit_persistauth.core.storage.records import EventRecord

BATCH: Final = 1000
"""Events that an export reads at once."""


class EventLog:
    """Reads the events that are kept."""

    def __init__(self, store: EventStore) -> None:
        """Read from this store."""
        self._store = store

    def find(self, query: EventQuery) -> list[EventRecord]:
        """Return events, newest first.

        The next page is that of the same query `before` the last one of this page.
        """
        return [] if query.is_vain else self._store.find(query)

    def per_day(self, types: Collection[str], since: datetime) -> list[DayCount]:
        """Return how many events of these types each day had; days are those of UTC."""
        return self._store.per_day(types, since)

    def per_address(
        self, types: Collection[str], since: datetime, *, limit: int = 10
    ) -> list[AddressCount]:
        """Return from which addresses most events of these types came."""
        return self._store.per_address(types, since, limit=limit)

    def export(self, query: EventQuery) -> Iterator[str]:
        """Yield events as CSV (RFC 4180), in pieces that need little memory; newest first.

        Args:
            query: Which ones; its `limit` is how many in all.
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
