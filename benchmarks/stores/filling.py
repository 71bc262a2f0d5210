"""Fills tables in the fastest way of each driver."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from typing import Any

from databases import address_of
from rows import PER_USER, TOKEN_COLUMNS, USER_COLUMNS, Maker, Row
from statements import connect

Connection = Any
"""A connection of one of the three drivers."""
CACHE_KIB = 2_000_000
"""The cache of SQLite while it is filled, since rows are not in the order of its indexes."""


def fill(url: str, numbers: range, *, expired: range = range(0)) -> None:
    """Add live sign-ins with their users, and sign-ins that expired long ago.

    Nothing else may use the database meanwhile.

    Args:
        url: The database; its tables are there.
        numbers: Of the live sign-ins; the ones before are there.
        expired: Of the others, which belong to the same users.
    """
    maker = Maker()
    users = range(_users(numbers.start), _users(numbers.stop))
    with closing(connect(address_of(url))) as connection:
        begin, insert, finish = WAYS[address_of(url).backend]
        begin(connection)
        insert(connection, "users", USER_COLUMNS, maker.users(users))
        live = maker.tokens(numbers, users.stop)
        insert(connection, "auth_tokens", TOKEN_COLUMNS, live)
        ended = maker.tokens(expired, users.stop, ended=True)
        insert(connection, "auth_tokens", TOKEN_COLUMNS, ended)
        finish(connection)


def _users(tokens: int) -> int:
    return -(-tokens // PER_USER)


def _begin_sqlite(connection: Connection) -> None:
    connection.execute("PRAGMA journal_mode = OFF")
    connection.execute(f"PRAGMA cache_size = -{CACHE_KIB}")
    connection.execute("BEGIN")


def _insert_sqlite(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Row],
) -> None:
    connection.executemany(_insertion(table, columns, "?"), rows)


def _finish_sqlite(connection: Connection) -> None:
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode = WAL")


def _begin_postgres(connection: Connection) -> None:
    # Disables the trigger that looks up the user of each row.
    connection.execute("SET session_replication_role = replica")


def _insert_postgres(
    connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN"
    with connection.cursor().copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def _finish_postgres(connection: Connection) -> None:
    connection.execute("VACUUM ANALYZE")
    connection.execute("CHECKPOINT")


def _begin_mysql(connection: Connection) -> None:
    connection.begin()


def _insert_mysql(
    connection: Connection,
    table: str,
    columns: Sequence[str],
    rows: Iterable[Row],
) -> None:
    connection.cursor().executemany(_insertion(table, columns, "%s"), list(rows))


def _finish_mysql(connection: Connection) -> None:
    connection.commit()


def _insertion(table: str, columns: Sequence[str], mark: str) -> str:
    marks = ", ".join([mark] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608


Insert = Callable[[Connection, str, Sequence[str], Iterable[Row]], None]
WAYS: dict[str, tuple[Callable[[Connection], None], Insert, Callable[[Connection], None]]] = {
    "sqlite": (_begin_sqlite, _insert_sqlite, _finish_sqlite),
    "postgresql": (_begin_postgres, _insert_postgres, _finish_postgres),
    "mysql": (_begin_mysql, _insert_mysql, _finish_mysql),
}
