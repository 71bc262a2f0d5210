"""Starts the databases to measure."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import make_url
from statements import Address
from tests.support.sqlserver import Kind, MariaDB, PostgreSQL, SQLServer

SERVERS: dict[str, type[Kind]] = {"PostgreSQL": PostgreSQL, "MariaDB": MariaDB}
SQLITE, POSTGRES, MARIADB = "SQLite", "PostgreSQL", "MariaDB"


@dataclass(frozen=True)
class MeasuredDatabase:
    """A running database server, or a folder for SQLite.

    Attributes:
        name: The name in tables of figures.
        empty: Creates an empty database and returns its URL.
    """

    name: str
    empty: Callable[[], str]


@contextmanager
def opened(name: str) -> Iterator[MeasuredDatabase]:
    """Start one kind of database; at the end, stop it and delete its data."""
    if name == SQLITE:
        with TemporaryDirectory(prefix="persistauth-", ignore_cleanup_errors=True) as folder:
            yield MeasuredDatabase(name, _files(Path(folder)))
        return
    server = SQLServer(SERVERS[name]())
    try:
        yield MeasuredDatabase(name, server.empty_database)
    finally:
        server.stop()


def address_of(url: str) -> Address:
    """Return the address of a database for a plain driver."""
    parsed = make_url(url)
    return Address(
        parsed.get_backend_name(),
        parsed.database or "",
        parsed.host or "",
        parsed.port or 0,
        parsed.username or "",
    )


def _files(folder: Path) -> Callable[[], str]:
    """Return a function that returns the URL of a new SQLite file at each call."""
    numbers = iter(range(1_000))
    return lambda: f"sqlite:///{folder}/{next(numbers)}.db"
