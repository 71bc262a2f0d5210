"""Deleting what expired long ago, without holding a lock for long."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select
from tests.support.clock import START

from streamlit_persistauth.core.records import CounterRecord
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore, batches
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.tables import auth_tokens
from streamlit_persistauth.testing.rows import session_record, user_record

LONG_AGO = START - timedelta(days=99)


@pytest.fixture
def tokens(database: Database, monkeypatch: pytest.MonkeyPatch) -> SQLTokenStore:
    """A store with seven old sign-ins, two old counters and a sign-in that counts."""
    monkeypatch.setattr(batches, "BATCH", 3)
    ada = user_record()
    SQLUserStore(database).add(ada)
    tokens = SQLTokenStore(database)
    for created_at in (*[LONG_AGO] * 7, START):
        tokens.put(session_record(ada.user.id, created_at=created_at))
    for key in ("one", "another"):
        tokens.swap_count(key, None, CounterRecord(1, LONG_AGO, LONG_AGO))
    return tokens


def test_batches(tokens: SQLTokenStore, database: Database) -> None:
    """All that is old goes, a few rows in each transaction; what counts stays."""
    transactions: list[object] = []
    event.listen(database.engine, "commit", transactions.append)
    assert tokens.purge(START) == 9
    assert len(transactions) == 1 + 3  # two counters; three, three and one of the sign-ins
    assert tokens.purge(START) == 0
    with database.writing() as connection:
        (left,) = connection.execute(select(auth_tokens.c.created_at)).scalars()
    assert left == START


def test_renewed_meanwhile(tokens: SQLTokenStore, database: Database) -> None:
    """A sign-in that is renewed while it is about to be purged stays."""
    renewed = "UPDATE auth_tokens SET expires_at = '2099-01-01 00:00:00.000000'"

    def renew(_connection: object, cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("DELETE FROM auth_tokens"):
            cursor.execute(renewed)  # type: ignore[attr-defined]

    event.listen(database.engine, "before_cursor_execute", renew)
    assert tokens.purge(START) == 2
