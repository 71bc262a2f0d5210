"""Databases that hang: a stopped server, a network that swallows packets, a slow line."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.pool import QueuePool
from tests.support.core_app import EMAIL, PASSWORD, CoreApp
from tests.support.server import free_port
from tests.support.silence import SlowProxy, black_hole
from tests.support.sqlserver import MariaDB, PostgreSQL, SQLServer

from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.stores.redis import RedisTokenStore
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.deadlines import deadline
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.lookup import JoinedLookup
from streamlit_persistauth.testing.rows import user_record

SECONDS = 1.5
"""The deadline of a call in these tests."""
BOUND = SECONDS + 4
"""How long a call takes at most on a busy machine."""
AT_ONCE = 1.0
"""How long a call takes that does not wait for the store."""
DRIVERS = ["postgresql+psycopg", "mysql+pymysql"]


@pytest.fixture
def hole() -> Iterator[int]:
    """The port of a server that never answers."""
    with black_hole() as port:
        yield port


def fails_within(seconds: float, call: Callable[[], object]) -> None:
    """Expect one error without details, in time."""
    began = monotonic()
    with pytest.raises(StoreError) as caught:
        call()
    assert monotonic() - began < seconds
    assert str(caught.value) == "Sign-in is unavailable right now. Please try again later."


def ours() -> set[threading.Thread]:
    """Return the threads that wait for a database."""
    names = ("persistauth-connect", "persistauth-probe")
    return {thread for thread in threading.enumerate() if thread.name in names}


def opened(url: str) -> Database:
    """Return a database whose calls have the deadline of these tests."""
    return Database(open_engine(url, timeout_seconds=SECONDS), timeout_seconds=SECONDS)


@pytest.mark.parametrize("driver", DRIVERS)
def test_black_hole(driver: str, hole: int) -> None:
    """A server that never answers makes the first call wait for the deadline, and others not."""
    database = opened(f"{driver}://test@127.0.0.1:{hole}/app")
    fails_within(BOUND, SQLUserStore(database).is_empty)
    fails_within(AT_ONCE, SQLUserStore(database).is_empty)
    fails_within(AT_ONCE, lambda: SQLTokenStore(database).end_user("x"))


@pytest.mark.parametrize("driver", DRIVERS)
def test_many_calls(driver: str, hole: int) -> None:
    """Many calls at once all fail at the deadline, and their threads end."""
    database = opened(f"{driver}://test@127.0.0.1:{hole}/app")
    before = ours()
    began = monotonic()
    with ThreadPoolExecutor(34) as pool:
        for future in [pool.submit(SQLUserStore(database).is_empty) for _ in range(34)]:
            assert isinstance(future.exception(), StoreError)
        assert monotonic() - began < BOUND
        assert len(ours() - before) <= 19  # of the connections in the pool, and of probes
    for thread in ours() - before:
        if thread.name == "persistauth-connect":
            thread.join(20)
            assert not thread.is_alive()


def test_redis(hole: int) -> None:
    """A Redis that never answers makes the first call wait, and others not."""
    tokens = RedisTokenStore(f"redis://127.0.0.1:{hole}", timeout_seconds=SECONDS)
    fails_within(BOUND, lambda: tokens.find_session("x"))
    fails_within(AT_ONCE, lambda: tokens.find_session("x"))
    fails_within(AT_ONCE, lambda: tokens.end_user("x"))


def test_options_of_the_url(hole: int) -> None:
    """Time-outs in a URL win over ours."""
    url = f"postgresql+psycopg://test@127.0.0.1:{hole}/app?connect_timeout=77&keepalives_idle=9"
    _, options = open_engine(url).dialect.create_connect_args(make_url(url))
    assert options["connect_timeout"] == "77"


def test_name_with_a_nul() -> None:
    """A name that the database can't hold says nothing about whether the database answers."""
    database = opened(f"postgresql+psycopg://test@127.0.0.1:{free_port()}/app")
    users = SQLUserStore(database)
    with pytest.raises(StoreError):
        users.is_empty()
    since = database.availability.since
    assert users.find("a\0b") is None
    assert not users.can_hold("full_name", "\xe9\0")
    assert since is not None
    assert database.availability.since == since


def test_probe_of_broken_connections(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe drops a broken connection, also of a pool that the app lets reset none."""
    engine = create_engine(
        f"sqlite:///{tmp_path / 'app.db'}", poolclass=QueuePool, pool_reset_on_return=None
    )
    with engine.connect() as one, engine.connect() as two:
        broken = [one.connection.dbapi_connection, two.connection.dbapi_connection]

    def ping(connection: object) -> None:
        if connection in broken:
            raise sqlite3.OperationalError

    monkeypatch.setattr(engine.dialect, "do_ping", ping)
    database = Database(engine)
    for _ in broken:
        with pytest.raises(sqlite3.OperationalError):
            database._ping()
    database._ping()
    engine.dispose()


@pytest.fixture(scope="module", params=[PostgreSQL, MariaDB])
def server(request: pytest.FixtureRequest) -> Iterator[SQLServer]:
    """A server of each kind that a test may stop for a while."""
    made = SQLServer(request.param())
    yield made
    made.stop()


@pytest.fixture(params=["url", "engine"])
def database(request: pytest.FixtureRequest, server: SQLServer) -> Iterator[Database]:
    """A database on it, by its URL or with an engine of the app."""
    url = server.empty_database()
    made = opened(url) if request.param == "url" else Database(_own(url), timeout_seconds=SECONDS)
    yield made
    made.engine.dispose()


def _own(url: str) -> Engine:
    return create_engine(url, connect_args={"connect_timeout": 2})


def recovered(database: Database) -> None:
    """Wait until a store is asked again."""
    prober = database.availability._prober
    assert prober
    prober.join(20)
    assert database.availability.since is None


def test_stopped_server(server: SQLServer, database: Database) -> None:
    """While a server is stopped no user is signed in; afterwards all is as before."""
    core = CoreApp(
        users=SQLUserStore(database),  # type: ignore[arg-type]
        tokens=SQLTokenStore(database),  # type: ignore[arg-type]
        lookup=JoinedLookup(database),
    )
    user = core.add_user()
    session = core.sign_in(user)
    credential = core.sessions.issue(session).text
    with server.paused():
        fails_within(BOUND, lambda: core.sessions.resume(credential))
        fails_within(AT_ONCE, lambda: core.accounts.authenticate(EMAIL, PASSWORD))
        fails_within(AT_ONCE, lambda: core.sessions.end(session))
    recovered(database)
    assert core.sessions.resume(credential).user == user
    assert core.sessions.end(session)


def test_statement_that_waits(database: Database) -> None:
    """A statement that takes too long is interrupted; other calls are answered meanwhile."""
    users, is_postgresql = SQLUserStore(database), database.engine.dialect.name == "postgresql"
    users.is_empty()
    wait = text(f"SELECT {'pg_sleep' if is_postgresql else 'sleep'}(20)")
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(database.write, lambda connection: connection.execute(wait))
        while not slow.done():
            assert users.is_empty()
        assert isinstance(slow.exception(), StoreError)
    assert users.is_empty()


def test_interrupted_at_its_end(server: SQLServer) -> None:
    """A connection that is interrupted after the last statement of a call is not used again."""
    database = opened(server.empty_database())
    users, record = SQLUserStore(database), user_record()
    users.is_empty()
    with deadline(SECONDS) as call, closing(database.engine.raw_connection()):
        call.interrupt()
    users.add(record)  # a write is not repeated
    assert users.get(record.user.id) == record
    database.engine.dispose()


def test_slow_line(server: SQLServer) -> None:
    """On a line that is too slow, calls fail in time, and work when it is faster."""
    url = make_url(server.empty_database())
    assert url.port
    proxy = SlowProxy(url.port)
    database = opened(url.set(port=proxy.port).render_as_string(hide_password=False))
    users = SQLUserStore(database)
    assert users.is_empty()
    proxy.seconds = 2.5  # in each direction
    fails_within(BOUND, users.is_empty)
    fails_within(AT_ONCE, users.is_empty)
    proxy.seconds = 0
    recovered(database)
    assert users.is_empty()
    database.engine.dispose()
    proxy.close()
