"""Fixtures: the stores that the conformance suite runs on."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.servers import empty_url

from streamlit_persistauth.core.storage.protocols import EventStore, TokenStore, UserStore
from streamlit_persistauth.stores.memory import MemoryEventStore, MemoryTokenStore, MemoryUserStore
from streamlit_persistauth.stores.redis import RedisTokenStore
from streamlit_persistauth.stores.redis.clients import open_redis
from streamlit_persistauth.stores.sql import SQLEventStore, SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine

if TYPE_CHECKING:
    from tests.support.redisserver import RedisDatabase


@dataclass(frozen=True)
class Stores:
    """The stores of one app."""

    users: UserStore
    tokens: TokenStore
    events: EventStore


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database in an empty SQLite file."""
    made = Database(open_engine(f"sqlite:///{tmp_path / 'app.db'}"))
    yield made
    made.engine.dispose()


SQL_STORES = ["sqlite", "sqlite in memory", "postgresql", "mariadb"]


@pytest.fixture(params=["memory", *SQL_STORES, "redis"])
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    """The stores, for each kind that ships."""
    if request.param == "memory":
        yield Stores(MemoryUserStore(), MemoryTokenStore(), MemoryEventStore())
        return
    if request.param == "redis":
        server: RedisDatabase = request.getfixturevalue("redis")
        server.flush()
        with open_redis(server.url) as client:
            yield Stores(MemoryUserStore(), RedisTokenStore(client), MemoryEventStore())
        return
    database = Database(open_engine(empty_url(request.param, request)))
    yield Stores(SQLUserStore(database), SQLTokenStore(database), SQLEventStore(database))
    database.engine.dispose()
