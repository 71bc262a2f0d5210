"""PostgreSQL behind PgBouncer in transaction mode, with few connections to the server."""

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import Engine, text
from tests.support.core_app import PASSWORD, CoreApp, core_on
from tests.support.pgbouncer import SERVER_CONNECTIONS, PgBouncer
from tests.support.sqlserver import SQLDatabases

from streamlit_persistauth.errors import ConfigError, InvalidToken
from streamlit_persistauth.models import User
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.testing.races import at_once

THREADS = 4 * SERVER_CONNECTIONS
ROUNDS = 30


@pytest.fixture(scope="module")
def pooler(postgresql: SQLDatabases) -> Iterator[PgBouncer]:
    """A pooler in front of the server of all tests."""
    made = PgBouncer(postgresql.empty_database())
    yield made
    made.stop()


@pytest.fixture
def url(postgresql: SQLDatabases, pooler: PgBouncer) -> str:
    """The URL of an empty database through the pooler."""
    return pooler.url(postgresql.empty_database())


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    """The engine for it, as the library opens it."""
    opened = open_engine(url)
    yield opened
    opened.dispose()


def test_many_threads(engine: Engine) -> None:
    """Every session is resumed for its user until it is revoked, and never afterwards."""
    core = core_on(engine)
    users = [core.add_user(f"user{number}@example.com") for number in range(THREADS)]
    results = at_once(*[partial(use, core, user) for user in users])
    assert results == [["resumed"] * ROUNDS + ["signed in", "revoked"]] * THREADS


def use(core: CoreApp, user: User) -> list[str]:
    """Resume two sessions many times, check the password and revoke one; return what happened."""
    revoked, kept = core.sign_in(user), core.sign_in(user)
    credentials = [core.sessions.issue(session).text for session in (revoked, kept)]
    done = []
    for _ in range(ROUNDS):
        found = {core.sessions.resume(credential).user for credential in credentials}
        done.append("resumed" if found == {user} else "wrong user")
    checked = core.accounts.authenticate(user.email, PASSWORD).user
    done.append("signed in" if checked.id == user.id else "wrong user")
    first, second = core.sessions.end(revoked), core.sessions.end(revoked)
    with pytest.raises(InvalidToken):
        core.sessions.resume(credentials[0])
    is_right = first and not second and core.sessions.resume(credentials[1]).user == user
    done.append("revoked" if is_right else "wrong answer")
    return done


def test_many_start_at_once(url: str) -> None:
    """Of processes that start together on an empty database, each finds the tables complete."""
    engines = [open_engine(url) for _ in range(THREADS)]
    cores = [core_on(engine) for engine in engines]
    assert at_once(*[core.users.is_empty for core in cores]) == [True] * THREADS
    for engine in engines:
        engine.dispose()


def test_time_zone(postgresql: SQLDatabases, pooler: PgBouncer) -> None:
    """Every connection reads times as UTC, though clients with another zone share the server's."""
    url = postgresql.empty_database()
    ours, other = open_engine(pooler.url(url)), open_engine(pooler.url(url))

    def read(engine: Engine, zone: str) -> set[str]:
        found = set()
        for _ in range(ROUNDS):
            with engine.connect() as connection:
                if zone != "UTC":
                    connection.execute(text(f"SET TIME ZONE '{zone}'"))
                found.add(
                    connection.execute(text("SELECT current_setting('TimeZone')")).scalar_one()
                )
        return found

    calls = [partial(read, ours, "UTC"), partial(read, other, "Asia/Tokyo")] * SERVER_CONNECTIONS
    assert at_once(*calls) == [{"UTC"}, {"Asia/Tokyo"}] * SERVER_CONNECTIONS
    ours.dispose()
    other.dispose()


def test_purge_in_batches(engine: Engine) -> None:
    """Rows are purged through the pooler."""
    core = core_on(engine)
    user = core.add_user()
    for _ in range(3):
        core.sign_in(user)
    core.clock.move(days=60)
    assert core.tokens.purge(core.clock()) >= 3
    assert core.tokens.list_sessions(user.id) == []


@pytest.mark.parametrize(
    ("parameter", "threshold"),
    [("", None), ("?prepare_threshold=5", 5), ("?prepare_threshold=0", 0)],
)
def test_prepare_threshold(postgresql: SQLDatabases, parameter: str, threshold: int | None) -> None:
    """Statements are prepared only if the URL asks for it."""
    engine = open_engine(postgresql.empty_database() + parameter)
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        assert driver.prepare_threshold == threshold
    engine.dispose()


@pytest.mark.parametrize("threshold", ["none", "-1", "5&prepare_threshold=6"])
def test_wrong_prepare_threshold(threshold: str) -> None:
    """A parameter that is not a number is refused when the URL is read."""
    with pytest.raises(ConfigError) as caught:
        open_engine(f"postgresql://test@localhost/test?prepare_threshold={threshold}")
    assert str(caught.value) == (
        "PERSISTAUTH_DATABASE_URL: prepare_threshold in the URL is a whole number."
    )


def test_an_engine_of_the_app(url: str) -> None:
    """An engine of the app without prepared statements works as well."""
    from sqlalchemy import create_engine

    engine = create_engine(url, connect_args={"prepare_threshold": None})
    core = core_on(engine)
    user = core.add_user()
    assert use(core, user)[-1] == "revoked"
    engine.dispose()
