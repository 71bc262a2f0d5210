"""The log of revocations in an SQL database.

Each revocation inserts a row, so no two of them wait for each other, as they would for a counter.
"""

from secrets import randbelow
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select

from streamlit_persistauth.core.storage.records import Revocation
from streamlit_persistauth.stores.sql.tables import auth_revocations

LENGTH: Final = 36
"""The length of the column."""
KEPT: Final = 10_000
"""The number of newest ids that are kept; about 1 MB."""
_TRIM_EVERY: Final = 1000
"""The average number of entries after which older rows are deleted.

It is drawn by lot: a node of Galera has every second or fifth number only.
"""

LAST_REVOCATION: Final = select(func.max(auth_revocations.c.id).label("last_revocation"))
REVOCATIONS: Final = (
    select(auth_revocations.c.id, auth_revocations.c.subject_id)
    .where(auth_revocations.c.id > bindparam("number"))
    .order_by(auth_revocations.c.id)
)


def log_revocation(connection: Connection, subject_id: str) -> None:
    """Add an entry in the transaction that revokes, and at times delete the oldest ones."""
    if len(subject_id) > LENGTH:  # no session or user has such an id
        return
    added = connection.execute(insert(auth_revocations), {"subject_id": subject_id})
    number: int = added.inserted_primary_key[0] if added.inserted_primary_key else 0
    if randbelow(_TRIM_EVERY) == 0:
        connection.execute(delete(auth_revocations).where(auth_revocations.c.id <= number - KEPT))


def to_number(row: Row[Any]) -> int:
    """Return the number of the newest entry; 0 without any."""
    return int(row[0] or 0)


def to_revocation(row: Row[Any]) -> Revocation:
    """Return the entry of a row of `REVOCATIONS`."""
    return Revocation(row.id, row.subject_id)
