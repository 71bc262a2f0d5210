"""The stores that the tests of the core can run on."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import delete
from tests.support.servers import empty_url

from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.stores.memory import MemoryTokenStore, MemoryUserStore
from streamlit_persistauth.stores.redis import RedisTokenStore
from streamlit_persistauth.stores.redis.clients import open_redis
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.tables import ALL, auth_schema

if TYPE_CHECKING:
    from tests.support.redisserver import RedisDatabase


@dataclass
class Kind:
    """A kind of store, for one test.

    Attributes:
        make_users: Returns the accounts.
        make_tokens: Returns the sign-ins.
    """

    make_users: Callable[[], UserStore] = MemoryUserStore
    make_tokens: Callable[[], TokenStore] = MemoryTokenStore


CURRENT = Kind()
"""What a `CoreApp` is built on that is given no stores."""


@contextmanager
def used(kind: Kind) -> Iterator[None]:
    """Build every `CoreApp` on a kind of store."""
    CURRENT.make_users, CURRENT.make_tokens = kind.make_users, kind.make_tokens
    yield
    CURRENT.make_users, CURRENT.make_tokens = MemoryUserStore, MemoryTokenStore


def open_memory(_request: pytest.FixtureRequest) -> Iterator[Callable[[], Kind]]:
    """Each `CoreApp` has memory stores of its own."""
    yield Kind


def open_sql(name: str) -> Callable[[pytest.FixtureRequest], Iterator[Callable[[], Kind]]]:
    """One database for all tests of a process."""

    def opened(request: pytest.FixtureRequest) -> Iterator[Callable[[], Kind]]:
        database = Database(open_engine(empty_url(name, request)))

        def empty() -> Kind:
            for table in reversed(ALL):
                if table is not auth_schema:
                    database.execute(delete(table))
            return Kind(lambda: SQLUserStore(database), lambda: SQLTokenStore(database))

        yield empty
        database.engine.dispose()

    return opened


def open_on_redis(request: pytest.FixtureRequest) -> Iterator[Callable[[], Kind]]:
    """Sessions in one Redis for all tests of a process."""
    server: RedisDatabase = request.getfixturevalue("redis")
    with open_redis(server.url) as client:

        def empty() -> Kind:
            client.flushdb()
            users = MemoryUserStore()
            return Kind(lambda: users, lambda: RedisTokenStore(client))

        yield empty


KINDS: Mapping[str, Callable[[pytest.FixtureRequest], Iterator[Callable[[], Kind]]]] = {
    "memory": open_memory,
    "sqlite": open_sql("sqlite in memory"),
    "postgresql": open_sql("postgresql"),
    "mariadb": open_sql("mariadb"),
    "redis": open_on_redis,
}
