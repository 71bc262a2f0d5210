"""Events in an SQL database."""

import json
from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, func, insert, or_, select

from streamlit_persistauth.core.storage.queries import AddressCount, DayCount, EventQuery
from streamlit_persistauth.core.storage.records import EventRecord
from streamlit_persistauth.stores.sql.batches import delete_in_batches
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.dialects import utc_day
from streamlit_persistauth.stores.sql.tables import auth_events


class SQLEventStore:
    """Events in the table `auth_events`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, record: EventRecord) -> None:
        columns = {
            "user_id": record.user_id,
            "event_type": record.event_type,
            "details": json.dumps(record.details),
            "ip_address": record.ip_address,
            "user_agent": record.user_agent,
            "created_at": record.created_at,
        }
        self._database.write(lambda connection: connection.execute(insert(auth_events), columns))

    def find(self, query: EventQuery) -> list[EventRecord]:
        newest_first = (auth_events.c.created_at.desc(), auth_events.c.id.desc())
        found = select(auth_events).where(*_conditions(query)).order_by(*newest_first)
        texts = {"user": query.user_id} if query.user_id is not None else {}
        return self._database.read(found.limit(query.limit), texts, _to_event)

    def per_day(self, types: Collection[str], since: datetime) -> list[DayCount]:
        day = utc_day(self._database.engine.dialect.name, auth_events.c.created_at).label("day")
        counts = (
            select(day, auth_events.c.event_type, func.count().label("total"))
            .where(*_of_types(types, since))
            .group_by(day, auth_events.c.event_type)
            .order_by(day, auth_events.c.event_type)
        )
        return self._database.read(counts, {}, _to_day)

    def per_address(
        self, types: Collection[str], since: datetime, *, limit: int
    ) -> list[AddressCount]:
        address, total = auth_events.c.ip_address, func.count().label("total")
        counts = (
            select(address, total)
            .where(*_of_types(types, since), address.is_not(None))
            .group_by(address)
            .order_by(total.desc(), address)
            .limit(limit)
        )
        return self._database.read(counts, {}, lambda row: AddressCount(row.ip_address, row.total))

    def purge(self, before: datetime) -> int:
        old = auth_events.c.created_at < before
        return delete_in_batches(self._database, auth_events.c.id, old)


def _conditions(query: EventQuery) -> list[ColumnElement[bool]]:
    events = auth_events.c
    conditions: list[ColumnElement[bool]] = []
    if query.user_id is not None:
        conditions.append(events.user_id == bindparam("user"))
    if query.types:
        conditions.append(events.event_type.in_(query.types))
    if query.since is not None:
        conditions.append(events.created_at >= query.since)
    if query.until is not None:
        conditions.append(events.created_at < query.until)
    if query.before is not None:
        moment, last = query.before.created_at, query.before.id
        same_moment = and_(events.created_at == moment, events.id < last)
        # The first condition alone lets the database use the index.
        conditions += [
            events.created_at <= moment,
            or_(events.created_at < moment, same_moment),
        ]
    return conditions


def _of_types(types: Collection[str], since: datetime) -> list[ColumnElement[bool]]:
    return [auth_events.c.event_type.in_(list(types)), auth_events.c.created_at >= since]


def _to_event(row: Row[Any]) -> EventRecord:
    return EventRecord(
        event_type=row.event_type,
        user_id=row.user_id,
        created_at=row.created_at,
        details=_to_details(row.details),
        ip_address=row.ip_address,
        user_agent=row.user_agent,
        id=row.id,
    )


def _to_details(text: str | None) -> dict[str, str]:
    """Return the details of an event; none if the text is not a JSON object."""
    try:
        details = json.loads(text or "{}")
    except ValueError:
        details = None
    if not isinstance(details, dict):
        return {}
    return {str(name): str(value) for name, value in details.items()}


def _to_day(row: Row[Any]) -> DayCount:
    return DayCount(date.fromisoformat(str(row.day)), row.event_type, row.total)
