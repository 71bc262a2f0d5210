"""Fixtures: the database servers that stores are tested on, one of each kind in each worker.

They are started from the system's packages, unless the environment names others in
`TEST_POSTGRESQL_URL`, `TEST_MARIADB_URL` (accounts that may create databases) or `TEST_REDIS_URL`
(up to the host and port; its databases are emptied). What is about a server that dies always
starts its own.
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.redisserver import RedisDatabase, RedisServer
from tests.support.replicas import Replicas
from tests.support.sqlserver import Kind, MariaDB, PostgreSQL, SQLDatabases, SQLServer


@pytest.fixture(scope="session")
def postgresql() -> Iterator[SQLDatabases]:
    """A PostgreSQL server for all tests."""
    yield from _serve("TEST_POSTGRESQL_URL", PostgreSQL())


@pytest.fixture(scope="session")
def mariadb() -> Iterator[SQLDatabases]:
    """A MariaDB server for all tests."""
    yield from _serve("TEST_MARIADB_URL", MariaDB())


def _serve(variable: str, kind: Kind) -> Iterator[SQLDatabases]:
    url = os.environ.get(variable)
    server = SQLDatabases(url) if url else SQLServer(kind)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisDatabase]:
    """A Redis for all tests; each worker has a database of its own."""
    url = os.environ.get("TEST_REDIS_URL")
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    server = RedisDatabase(f"{url}/{number}") if url else RedisServer()
    yield server
    server.stop()


def empty_url(kind: str, request: pytest.FixtureRequest) -> str:
    """Return the URL of an empty database of a kind."""
    if kind == "sqlite":
        return f"sqlite:///{request.getfixturevalue('tmp_path') / 'app.db'}"
    if kind == "sqlite in memory":
        return "sqlite://"
    server: SQLDatabases = request.getfixturevalue(kind)
    return server.empty_database()


@pytest.fixture(params=["postgresql", "postgresql and redis"])
def replicas(
    request: pytest.FixtureRequest, postgresql: SQLDatabases, tmp_path: Path
) -> Iterator[Replicas]:
    """Two replicas behind nginx, with an empty database; sessions there or in Redis."""
    tokens = None
    if "redis" in request.param:
        server: RedisDatabase = request.getfixturevalue("redis")
        server.flush()
        tokens = server.url
    made = Replicas(tmp_path, database=postgresql.empty_database(), tokens=tokens)
    made.start()
    yield made
    made.stop()
    assert "Traceback" not in made.log
