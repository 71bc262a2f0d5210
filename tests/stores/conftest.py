"""The stores that one suite is run against."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from streamlit_persistauth.core.storage import TokenStore, UserStore
from streamlit_persistauth.stores.database import Database, open_engine
from streamlit_persistauth.stores.memory import MemoryTokenStore, MemoryUserStore
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore


@dataclass(frozen=True)
class Stores:
    """A store for accounts and one for sign-ins that know each other's rows."""

    users: UserStore
    tokens: TokenStore


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """An empty SQLite file."""
    made = Database(open_engine(f"sqlite:///{tmp_path / 'app.db'}"))
    yield made
    made.engine.dispose()


@pytest.fixture(params=["memory", "sqlite file", "sqlite memory"])
def stores(request: pytest.FixtureRequest, database: Database) -> Iterator[Stores]:
    """Each kind of store that ships and needs no server."""
    if request.param == "memory":
        yield Stores(MemoryUserStore(), MemoryTokenStore())
    elif request.param == "sqlite file":
        yield Stores(SQLUserStore(database), SQLTokenStore(database))
    else:
        in_memory = Database(open_engine("sqlite://"))
        yield Stores(SQLUserStore(in_memory), SQLTokenStore(in_memory))
        in_memory.engine.dispose()
