"""Fixtures: the servers that stores are tested on, started once for each process of tests."""

from collections.abc import Iterator

import pytest
from tests.support.redisserver import RedisServer
from tests.support.sqlserver import MariaDB, PostgreSQL, SQLServer


@pytest.fixture(scope="session")
def postgresql() -> Iterator[SQLServer]:
    """A PostgreSQL server for all tests that want one."""
    server = SQLServer(PostgreSQL())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def mariadb() -> Iterator[SQLServer]:
    """A MariaDB server for all tests that want one."""
    server = SQLServer(MariaDB())
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    """A Redis for all tests that want one."""
    server = RedisServer()
    yield server
    server.stop()


def empty_url(kind: str, request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database of a kind."""
    if kind == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path') / 'app.db'}"
    if kind == "sqlite in memory":
        return "sqlite://"
    server: SQLServer = request.getfixturevalue(kind)
    return server.empty_database()
