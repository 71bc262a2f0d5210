"""Deleting expired rows without holding locks for long."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, select, text, update
from tests.support.clock import START
from tests.support.servers import empty_url

from streamlit_persistauth.core.storage.records import CounterRecord
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore, batches
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.tables import auth_tokens
from streamlit_persistauth.testing.rows import session_record, user_record

LONG_AGO = START - timedelta(days=99)
WAITING = {
    "postgresql": "SELECT count(*) FROM pg_locks WHERE NOT granted",
    "mysql": "SELECT count(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'",
}


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """An empty database."""
    made = Database(open_engine(empty_url(request.param, request)))
    yield made
    made.engine.dispose()


@pytest.fixture
def tokens(database: Database, monkeypatch: pytest.MonkeyPatch) -> SQLTokenStore:
    """A store with seven expired sessions, two expired counters and a live session."""
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
    """Expired rows are deleted in small transactions; live rows stay."""
    deleted: list[int] = []

    def note(_connection: object, cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("DELETE FROM auth_tokens"):
            deleted.append(cursor.rowcount)  # type: ignore[attr-defined]

    event.listen(database.engine, "after_cursor_execute", note)
    assert tokens.purge(START) == 9
    assert deleted == [3, 3, 1, 0]
    assert tokens.purge(START) == 0
    with database.engine.connect() as connection:
        (left,) = connection.execute(select(auth_tokens.c.created_at)).scalars()
    assert left == START


@pytest.mark.parametrize("database", ["postgresql", "mariadb"], indirect=True)
def test_renewed_meanwhile(tokens: SQLTokenStore, database: Database) -> None:
    """A session that is renewed during a purge stays."""
    engine = database.engine.execution_options(isolation_level="READ COMMITTED")
    some = select(auth_tokens.c.id).where(auth_tokens.c.created_at == LONG_AGO).limit(1)
    with ThreadPoolExecutor(1) as pool:
        with engine.begin() as connection:
            renewed = connection.execute(some).scalar_one()
            change = update(auth_tokens).where(auth_tokens.c.id == renewed)
            connection.execute(change.values(expires_at=START + timedelta(days=1)))
            purge = pool.submit(tokens.purge, START)
            for _ in range(200):
                if wait([purge], timeout=0.05).done or is_somebody_waiting(database.engine):
                    break
        assert purge.result(30) == 6 + 2
    with database.engine.connect() as connection:
        assert renewed in connection.execute(select(auth_tokens.c.id)).scalars().all()


def is_somebody_waiting(engine: Engine) -> bool:
    """Return whether a transaction waits for another one."""
    with engine.connect() as connection:
        return bool(connection.execute(text(WAITING[engine.dialect.name])).scalar())
