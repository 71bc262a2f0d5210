"""Events in a database."""

import json
from datetime import datetime

from sqlalchemy import insert

from streamlit_persistauth.core.records import EventRecord
from streamlit_persistauth.stores.sql.batches import delete_in_batches
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.tables import auth_events


class SQLEventStore:
    """Events in the table `auth_events`."""

    def __init__(self, database: Database) -> None:
        """Use this database."""
        self._database = database

    def add(self, record: EventRecord) -> None:
        """See `EventStore.add`."""
        columns = {
            "user_id": record.user_id,
            "event_type": record.event_type,
            "details": json.dumps(record.details),
            "ip_address": record.ip_address,
            "user_agent": record.user_agent,
            "created_at": record.created_at,
        }
        self._database.execute(insert(auth_events).values(columns))

    def purge(self, before: datetime) -> int:
        """See `EventStore.purge`."""
        old = auth_events.c.created_at < before
        return delete_in_batches(self._database, auth_events.c.id, old)
