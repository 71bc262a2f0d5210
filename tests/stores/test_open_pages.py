"""What the check of open pages reads from a database does not depend on the number of pages."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Row, Select, insert, text
from tests.support.clock import START
from tests.support.core_app import CoreApp
from tests.support.failing import FailingStore
from tests.support.redisserver import RedisDatabase

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.sessions.open_sessions import (
    CALLS_PER_CHECK,
    CHECK_SECONDS,
    LEAST,
    OpenSessions,
)
from streamlit_persistauth.stores.redis.clients import open_redis
from streamlit_persistauth.stores.redis.tokens import PREFIX, RedisTokenStore
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore, revocations
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.lookup import JoinedLookup
from streamlit_persistauth.stores.sql.revocations import KEPT
from streamlit_persistauth.stores.sql.tables import auth_revocations, auth_tokens
from streamlit_persistauth.stores.sql.tokens import token_columns
from streamlit_persistauth.testing.rows import session_record, user_record

LOOKS_PER_SECOND = 2
SECONDS = 6


class CountingDatabase(Database):
    """A database that counts the queries and the rows that it returns."""

    queries = 0
    rows = 0

    def _fetch_all(self, query: Select[Any], parameters: Mapping[str, object]) -> list[Row[Any]]:
        found = super()._fetch_all(query, parameters)
        self.queries += 1
        self.rows += len(found)
        return found


class Timer:
    """A monotonic clock that a test moves."""

    now = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now


@pytest.fixture
def database() -> CountingDatabase:
    """An empty database."""
    return CountingDatabase(open_engine("sqlite://"))


def open_pages(database: Database, number: int) -> list[str]:
    """Store sessions of one account; return their ids."""
    owner = user_record()
    SQLUserStore(database).add(owner)
    stamp = owner.security_stamp
    records = [replace(session_record(owner.user.id), security_stamp=stamp) for _ in range(number)]
    rows = [token_columns(record) for record in records]
    database.write(lambda connection: connection.execute(insert(auth_tokens), rows))
    return [record.session_id for record in records]


def watch(database: Database, timer: Timer) -> OpenSessions:
    """Return the check of open pages on a database."""
    core = CoreApp(
        users=FailingStore(SQLUserStore(database)),
        tokens=FailingStore(SQLTokenStore(database)),
        lookup=JoinedLookup(database),
    )
    assert core.clock() == START
    return replace(core.sessions.watched(), timer=timer)


def look(watched: OpenSessions, timer: Timer, sessions: Collection[str]) -> set[str]:
    """Check the open pages, half a second after the last time."""
    timer.now += 1 / LOOKS_PER_SECOND
    return watched.find_live(sessions)


class CountingRedis(RedisTokenStore):
    """Sign-ins in Redis; it counts the calls and the values that they return."""

    calls = 0
    values = 0

    def _read(self, command: str, *arguments: str | int) -> Any:  # noqa: ANN401 - by the command
        found = super()._read(command, *arguments)
        self.calls += 1
        self.values += len(found) if isinstance(found, list) else 1
        return found


@pytest.mark.parametrize("number", [20, 200, 2000])
def test_idle_pages_with_redis(
    database: CountingDatabase, redis: RedisDatabase, number: int
) -> None:
    """So it is with sign-ins in Redis and accounts in a database."""
    redis.flush()
    timer, owner = Timer(), user_record()
    SQLUserStore(database).add(owner)
    with open_redis(redis.url) as client:
        tokens = CountingRedis(client)
        records = [
            replace(session_record(owner.user.id), security_stamp=owner.security_stamp)
            for _ in range(number)
        ]
        for record in records:
            tokens.put(record)
        sessions = {record.session_id for record in records}
        core = CoreApp(
            users=FailingStore(SQLUserStore(database)),
            tokens=FailingStore(tokens),
        )
        watched = replace(core.sessions.watched(), timer=timer)
        assert look(watched, timer, sessions) == sessions
        database.queries = database.rows = tokens.calls = tokens.values = 0
        for _ in range(SECONDS * LOOKS_PER_SECOND):
            assert look(watched, timer, sessions) == sessions
        looks, restarts = SECONDS * LOOKS_PER_SECOND, SECONDS // 3
        assert (database.queries, database.rows) == (looks, looks)
        assert (tokens.calls, tokens.values) == (2 * looks + restarts, looks + restarts)
        assert (database.rows + tokens.values) / SECONDS <= 20
        client.delete(f"{PREFIX}record:{records[0].id}")
        rounds = [look(watched, timer, sessions) for _ in range(CALLS_PER_CHECK)]
        assert rounds[-1] == sessions - {records[0].session_id}


@pytest.mark.parametrize("number", [20, 200, 2000])
def test_idle_pages(database: CountingDatabase, number: int) -> None:
    """Idle pages take the same few queries and rows, whatever their number."""
    timer = Timer()
    watched, sessions = watch(database, timer), open_pages(database, number)
    assert look(watched, timer, sessions) == set(sessions)
    database.queries = database.rows = 0
    for _ in range(SECONDS * LOOKS_PER_SECOND):
        assert look(watched, timer, sessions) == set(sessions)
    restarts = SECONDS // 3
    assert database.rows == SECONDS * LOOKS_PER_SECOND + restarts
    assert database.queries == SECONDS * LOOKS_PER_SECOND * 2 + restarts


def test_revoked_among_many(database: CountingDatabase) -> None:
    """A revocation is found at the next look, and only that session is read again."""
    timer = Timer()
    watched, sessions = watch(database, timer), open_pages(database, 2000)
    look(watched, timer, sessions)
    SQLTokenStore(database).end_session(sessions[1234])
    database.rows = 0
    assert look(watched, timer, sessions) == set(sessions) - {sessions[1234]}
    assert database.rows == 2  # the entry of the log, the count of the pages in turn


@pytest.mark.parametrize("number", [100, 200, 2000, 4000])
def test_deleted_by_sql_among_many(database: CountingDatabase, number: int) -> None:
    """A row that is deleted by SQL is found when its page has its turn."""
    timer = Timer()
    watched, sessions = watch(database, timer), open_pages(database, number)
    look(watched, timer, sessions)
    gone = sessions[number // 2]
    with database.engine.begin() as connection:
        connection.execute(text("DELETE FROM auth_tokens WHERE session_id = :id"), {"id": gone})
    looks = CALLS_PER_CHECK if number > LEAST else 1
    found = [look(watched, timer, sessions) for _ in range(looks)]
    assert found[-1] == set(sessions) - {gone}
    assert CALLS_PER_CHECK / LOOKS_PER_SECOND <= CHECK_SECONDS


@pytest.mark.parametrize("last", [1999, 2000])
def test_old_entries_are_deleted(
    database: CountingDatabase, monkeypatch: pytest.MonkeyPatch, last: int
) -> None:
    """The log keeps its newest entries, also where a node of a cluster has only odd numbers."""
    monkeypatch.setattr(revocations, "randbelow", lambda _limit: 0)
    numbers = [1, last, last + 1, KEPT + last - 1]
    rows = [{"id": number, "subject_id": new_id()} for number in numbers]
    database.write(lambda connection: connection.execute(insert(auth_revocations), rows))
    tokens = SQLTokenStore(database)
    tokens.end_user(new_id())
    kept = [entry.number for entry in tokens.revocations_after(0, limit=9)]
    assert kept == [last + 1, KEPT + last - 1, KEPT + last]


def test_revocation_that_fails_is_not_logged(database: CountingDatabase) -> None:
    """The entry and the deletion are one transaction."""
    sessions, tokens = open_pages(database, 1), SQLTokenStore(database)
    with database.engine.begin() as connection:
        connection.execute(
            text(
                "CREATE TRIGGER refuse BEFORE INSERT ON auth_revocations"
                " BEGIN SELECT RAISE(ABORT, 'refused'); END"
            )
        )
    with pytest.raises(Exception, match="unavailable"):
        tokens.end_session(sessions[0])
    assert tokens.find_session(sessions[0]) is not None
