import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import bcrypt
import pytest
from sqlalchemy import Connection, create_engine, inspect, text
from tests.support.clock import START
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.failing import FailingStore
from tests.support.races import in_processes
from tests.support.workers import create_tables

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.records import EventRecord, TokenRecord, TokenType
from streamlit_persistauth.errors import ConfigError, StoreError
from streamlit_persistauth.stores.sql import SQLEventStore, SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.testing.rows import handoff_record, session_record, user_record

if TYPE_CHECKING:
    from collections.abc import Callable

UNAVAILABLE = "Sign-in is unavailable right now. Please try again later."
CONTRACT = {
    "users": {
        "id": "VARCHAR(36)",
        "email": "VARCHAR(254)",
        "full_name": "VARCHAR(200)",
        "password_hash": "VARCHAR(255)",
        "is_active": "BOOLEAN",
        "created_at": "DATETIME",
        "last_login_at": "DATETIME",
    },
    "auth_tokens": {
        "id": "VARCHAR(36)",
        "user_id": "VARCHAR(36)",
        "token_hash": "VARCHAR(64)",
        "token_type": "VARCHAR(20)",
        "created_at": "DATETIME",
        "expires_at": "DATETIME",
    },
    "auth_throttle": {
        "key": "VARCHAR(64)",
        "tries": "INTEGER",
        "allowed_at": "DATETIME",
        "expires_at": "DATETIME",
    },
    "auth_revocations": {"id": "INTEGER", "subject_id": "VARCHAR(36)"},
    "auth_schema": {"version": "INTEGER"},
    "auth_events": {
        "id": "INTEGER",
        "user_id": "VARCHAR(36)",
        "event_type": "VARCHAR(40)",
        "details": "TEXT",
        "created_at": "DATETIME",
    },
}


def sql(database: Database, statement: str, *parameters: str) -> list[tuple[object, ...]]:
    """Run a statement as an operator does, on a connection of its own."""
    with closing(sqlite3.connect(str(database.engine.url.database), timeout=10)) as connection:
        rows = connection.execute(statement, parameters).fetchall()
        connection.commit()
        return rows


def signed_in(database: Database) -> TokenRecord:
    """A session of an account, both stored."""
    user = user_record()
    SQLUserStore(database).add(user)
    session = session_record(user.user.id)
    SQLTokenStore(database).put(session)
    return session


def test_columns(database: Database) -> None:
    """The tables have the documented columns."""
    database.create_tables()
    inspector = inspect(database.engine)
    for table, columns in CONTRACT.items():
        found = {column["name"]: str(column["type"]) for column in inspector.get_columns(table)}
        assert columns.items() <= found.items()


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_constraints(database: Database) -> None:
    """Hashes and addresses are unique, tokens cascade, and the documented index exists."""
    database.create_tables()
    inspector = inspect(database.engine)
    assert ["email"] in [item["column_names"] for item in inspector.get_unique_constraints("users")]
    unique = inspector.get_unique_constraints("auth_tokens")
    assert ["token_hash"] in [item["column_names"] for item in unique]
    (key,) = inspector.get_foreign_keys("auth_tokens")
    assert (key["referred_table"], key["options"]) == ("users", {"ondelete": "CASCADE"})
    indexes = [item["column_names"] for item in inspector.get_indexes("auth_tokens")]
    assert ["user_id", "token_type"] in indexes


def test_create_again(database: Database) -> None:
    """Creating the tables again keeps their rows."""
    session = signed_in(database)
    again = Database(database.engine)
    again.create_tables()
    assert SQLTokenStore(again).find_session(session.session_id) == session


def test_created_at_first_use(database: Database) -> None:
    """The first statement creates the tables."""
    assert SQLUserStore(database).is_empty()
    assert set(inspect(database.engine).get_table_names()) == set(CONTRACT)


def test_create_in_eight_processes(tmp_path: Path) -> None:
    """Eight processes that start at once in an empty folder all get their tables."""
    url = f"sqlite:///{tmp_path / 'app.db'}"
    assert in_processes(create_tables, url, count=8) == ["created"] * 8


def test_pragmas(database: Database) -> None:
    """Connections use WAL, wait for each other and enforce foreign keys."""
    with database.engine.connect() as connection:
        pragmas = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "foreign_keys": 1, "busy_timeout": 5000}


@pytest.mark.parametrize(("query", "milliseconds"), [("", 700), ("?timeout=3", 3000)])
def test_wait_for_a_lock(tmp_path: Path, query: str, milliseconds: int) -> None:
    """A lock is waited for as long as the settings say, or the URL."""
    engine = open_engine(f"sqlite:///{tmp_path / 'app.db'}{query}", timeout_seconds=0.7)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == milliseconds
    engine.dispose()


def test_deleting_a_user_by_sql(database: Database) -> None:
    """Deleting a user deletes the user's sessions."""
    session = signed_in(database)
    database.write(lambda connection: connection.execute(text("DELETE FROM users")))
    assert SQLTokenStore(database).find_session(session.session_id) is None


def test_deleting_rows_by_sql(database: Database) -> None:
    """Rows that an operator deletes are missing at the next read."""
    session = signed_in(database)
    store = SQLTokenStore(database)
    store.put(handoff_record(session))
    assert store.find(TokenType.SESSION, session.token_hash) == session
    sql(database, "DELETE FROM auth_tokens WHERE user_id = ?", session.user_id)
    assert store.find(TokenType.SESSION, session.token_hash) is None
    assert store.list_sessions(session.user_id) == []


def test_disabling_by_sql(database: Database) -> None:
    """An UPDATE of is_active by an operator takes effect at the next read."""
    session = signed_in(database)
    sql(database, "UPDATE users SET is_active = 0")
    stored = SQLUserStore(database).get(session.user_id)
    assert stored is not None
    assert stored.user.is_active is False


def test_times_are_utc(database: Database) -> None:
    """Times are stored in UTC, as text that the functions of SQLite can read."""
    signed_in(database)
    rows = sql(database, "SELECT datetime(created_at), datetime(expires_at) FROM auth_tokens")
    assert rows == [("2030-01-02 03:04:05", "2030-01-03 03:04:05")]
    active = "SELECT count(*) FROM auth_tokens WHERE expires_at > datetime('now')"
    assert sql(database, active) == [(1,)]


def test_events(database: Database) -> None:
    """An event is stored with its details as JSON."""
    details = {"reason": "disabled", "odd": "a'b\n\u2028😀"}
    SQLEventStore(database).add(
        EventRecord("login_failed", None, START, details, CLIENT.ip_address, CLIENT.user_agent)
    )
    ((kind, user_id, stored),) = sql(
        database, "SELECT event_type, user_id, details FROM auth_events"
    )
    assert (kind, user_id) == ("login_failed", None)
    assert json.loads(str(stored)) == details


def test_session_of_unknown_account(database: Database) -> None:
    """A session of an unknown account can't be stored."""
    with pytest.raises(StoreError):
        SQLTokenStore(database).put(session_record("nobody"))


@pytest.mark.parametrize("roles", ["", "null", "{}", '"admin"', "nonsense", "1"])
def test_damaged_roles(database: Database, roles: str) -> None:
    """Roles that are not a JSON list grant no role."""
    session = signed_in(database)
    sql(database, "UPDATE users SET roles = ?", roles)
    stored = SQLUserStore(database).get(session.user_id)
    assert stored is not None
    assert stored.user.roles == ()


@pytest.mark.parametrize("column", ["created_at", "last_login_at"])
def test_damaged_time_of_a_user(database: Database, column: str) -> None:
    """A malformed row raises StoreError, and no other exception."""
    session = signed_in(database)
    sql(database, f"UPDATE users SET {column} = 'yesterday'")
    with pytest.raises(StoreError):
        SQLUserStore(database).get(session.user_id)


@pytest.mark.parametrize("value", ["yesterday", "", "2030-13-45 99:99:99", "9" * 400])
def test_damaged_time_of_a_session(database: Database, value: str) -> None:
    """A session with malformed times raises StoreError, and signs no user in."""
    session = signed_in(database)
    store = SQLTokenStore(database)
    sql(database, "UPDATE auth_tokens SET expires_at = ?", value)
    calls: list[Callable[[], object]] = [
        lambda: store.find(TokenType.SESSION, session.token_hash),
        lambda: store.find_session(session.session_id),
        lambda: store.list_sessions(session.user_id),
        lambda: store.consume(TokenType.SESSION, session.token_hash),
    ]
    for call in calls:
        with pytest.raises(StoreError):
            call()


def test_writing_is_all_or_nothing(database: Database) -> None:
    """A change that fails halfway changes nothing."""
    signed_in(database)

    def fail_in_the_middle(connection: Connection) -> None:
        connection.execute(text("DELETE FROM auth_tokens"))
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        database.write(fail_in_the_middle)
    assert sql(database, "SELECT count(*) FROM auth_tokens") == [(1,)]


def test_adopted_users(database: Database) -> None:
    """A `users` table with the documented columns and bcrypt hashes is used as it is."""
    stored = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    sql(
        database,
        "CREATE TABLE users (id VARCHAR(36) PRIMARY KEY, email VARCHAR(255) UNIQUE,"
        " full_name VARCHAR(255), password_hash VARCHAR(255), is_active BOOLEAN,"
        " created_at DATETIME, last_login_at DATETIME)",
    )
    sql(
        database,
        "INSERT INTO users VALUES ('1', ?, 'Ada', ?, 1, '2020-01-01 00:00:00', NULL)",
        EMAIL,
        stored,
    )
    users, tokens = SQLUserStore(database), SQLTokenStore(database)
    core = CoreApp(users=FailingStore(users), tokens=FailingStore(tokens))
    assert core.accounts.authenticate(EMAIL, PASSWORD).user.full_name == "Ada"


def faulty(tmp_path: Path) -> dict[str, str]:
    """Databases that can't be opened."""
    (tmp_path / "no.db").write_text("This is no database, but a canary." * 100)
    return {
        "missing folder": f"sqlite:///{tmp_path}/canary/app.db",
        "a folder": f"sqlite:///{tmp_path}",
        "no database": f"sqlite:///{tmp_path / 'no.db'}",
    }


@pytest.mark.parametrize("fault", ["missing folder", "a folder", "no database"])
def test_database_that_does_not_open(
    fault: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A database that can't be opened raises StoreError without details; the log has one line."""
    database = Database(open_engine(faulty(tmp_path)[fault]))
    calls: list[Callable[[], object]] = [
        lambda: SQLUserStore(database).find(EMAIL),
        lambda: SQLUserStore(database).add(user_record()),
        lambda: SQLTokenStore(database).find_session("x"),
        lambda: SQLTokenStore(database).list_sessions("x"),
        lambda: SQLTokenStore(database).end_user("x"),
        database.create_tables,
    ]
    for call in calls:
        with pytest.raises(StoreError) as caught:
            call()
        assert str(caught.value) == UNAVAILABLE
        assert caught.value.__suppress_context__
        assert len(caplog.messages) == 1  # for all calls
        assert "SELECT" not in caplog.text
        assert "Traceback" not in caplog.text
    database.engine.dispose()


def test_recovers(tmp_path: Path) -> None:
    """A database that is available again is used without a restart."""
    database = Database(open_engine(f"sqlite:///{tmp_path}/later/app.db"))
    with pytest.raises(StoreError):
        SQLUserStore(database).is_empty()
    (tmp_path / "later").mkdir()
    assert SQLUserStore(database).is_empty()
    database.engine.dispose()


def test_integrity_fault_tells_no_value(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    """The log of a refused row names the kind of fault and no value."""
    session = signed_in(database)
    with pytest.raises(StoreError):
        SQLTokenStore(database).put(replace(session, id=new_id()))
    assert "IntegrityError" in caplog.text
    assert session.token_hash not in caplog.text
    assert session.user_id not in caplog.text


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "",
        "://",
        "sqlite://host/app.db",
        "unknown://user:canary@host/db",
        "postgresql://user:canary@host:port/db",
        "mysql+pymysql://user:canary@[::1/db",
        "oracle://user:canary@host/db",
        "sqlite:///app.db?timeout=canary",
    ],
)
def test_malformed_url(url: str) -> None:
    """A malformed URL raises a ConfigError that repeats no part of it."""
    with pytest.raises(ConfigError) as caught:
        open_engine(url)
    assert caught.value.setting == "PERSISTAUTH_DATABASE_URL"
    assert "canary" not in str(caught.value)


def test_opening_creates_no_file(tmp_path: Path) -> None:
    """Creating an engine and a database opens no file."""
    Database(open_engine(f"sqlite:///{tmp_path / 'app.db'}"))
    assert list(tmp_path.iterdir()) == []


def test_engine_of_the_app(tmp_path: Path) -> None:
    """An engine that the app created works, without our pragmas."""
    engine = create_engine(f"sqlite:///{tmp_path / 'own.db'}")
    session = signed_in(Database(engine))
    assert SQLTokenStore(Database(engine)).find_session(session.session_id) == session
    engine.dispose()
