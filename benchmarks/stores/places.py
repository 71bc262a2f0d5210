"""The databases that are measured, made for one run."""

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
class Place:
    """A kind of database that is up.

    Attributes:
        name: What it is called in a table.
        empty: Makes an empty database in it, and returns its URL.
    """

    name: str
    empty: Callable[[], str]


@contextmanager
def opened(name: str) -> Iterator[Place]:
    """Have one kind of database up; at the end it goes, with everything in it."""
    if name == SQLITE:
        with TemporaryDirectory(prefix="persistauth-", ignore_cleanup_errors=True) as folder:
            yield Place(name, _files(Path(folder)))
        return
    server = SQLServer(SERVERS[name]())
    try:
        yield Place(name, server.empty_database)
    finally:
        server.stop()


def address_of(url: str) -> Address:
    """Return where a database is, for a plain driver."""
    parsed = make_url(url)
    return Address(
        parsed.get_backend_name(),
        parsed.database or "",
        parsed.host or "",
        parsed.port or 0,
        parsed.username or "",
    )


def _files(folder: Path) -> Callable[[], str]:
    """Return what names one more SQLite file with each call."""
    numbers = iter(range(1_000))
    return lambda: f"sqlite:///{folder}/{next(numbers)}.db"
