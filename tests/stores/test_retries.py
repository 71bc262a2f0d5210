"""Transactions that the server rolls back, refuses or loses: repeated where nothing has changed."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text, update
from tests.support.core_app import core_on
from tests.support.servers import empty_url
from tests.support.sqlserver import SQLDatabases

from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.stores.sql import SQLUserStore, retries
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.tables import users
from streamlit_persistauth.testing.rows import user_record

ADA = user_record()
SENTENCE = "Sign-in is unavailable right now. Please try again later."
CONFLICTS = [
    ("postgresql", "40001"),
    ("postgresql", "40P01"),
    ("mariadb", "1213"),
    ("mariadb", "1205"),
]
REFUSED = [("postgresql", "25006"), ("mariadb", "1290"), ("mariadb", "1792"), ("mariadb", "1047")]
OTHERS = [("postgresql", "53100"), ("postgresql", "22012"), ("mariadb", "1021")]


@pytest.fixture
def kind() -> str:
    """The kind of server; tests name others."""
    return "postgresql"


@pytest.fixture
def engine(kind: str, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine for an empty database."""
    made = open_engine(empty_url(kind, request))
    yield made
    made.dispose()


class Renaming:
    """A transaction that renames an account, whose first attempts fail after the statement."""

    def __init__(self, engine: Engine, fail: Callable[[Connection], object], *, times: int) -> None:
        self.database = Database(engine)
        self.store = SQLUserStore(self.database)
        self.store.add(ADA)
        self.attempts = 0
        self.connections: list[object] = []
        self._fail, self._times = fail, times

    def __call__(self, connection: Connection) -> int:
        """Rename the account; fail while attempts are left."""
        self.attempts += 1
        self.connections.append(connection.scalar(text(_IDENTITY[connection.dialect.name])))
        changed = connection.execute(update(users).values(full_name=str(self.attempts))).rowcount
        if self.attempts <= self._times:
            self._fail(connection)
        return changed

    @property
    def name(self) -> str:
        """The name as it is stored now."""
        found = self.store.get(ADA.user.id)
        assert found is not None
        return found.user.full_name


_IDENTITY = {"postgresql": "SELECT pg_backend_pid()", "mysql": "SELECT CONNECTION_ID()"}
_ABORT = {
    "postgresql": "SELECT pg_terminate_backend(pg_backend_pid())",
    "mysql": "KILL CONNECTION_ID()",
}


def raising(code: str) -> Callable[[Connection], object]:
    """Return a call that has the server raise an error with a code."""

    def fail(connection: Connection) -> None:
        if connection.dialect.name == "postgresql":
            statement = f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{code}'; END $$"
        else:
            statement = f"SIGNAL SQLSTATE '45000' SET MYSQL_ERRNO = {code}"
        connection.exec_driver_sql(statement)

    return fail


def abort(connection: Connection) -> None:
    """Have the server close a connection."""
    connection.exec_driver_sql(_ABORT[connection.dialect.name])


@pytest.mark.parametrize(("kind", "code"), CONFLICTS)
def test_conflict(engine: Engine, code: str) -> None:
    """A transaction that was rolled back because of another one is run again as a whole."""
    renaming = Renaming(engine, raising(code), times=3)
    assert renaming.database.write(renaming) == 1
    assert renaming.attempts == 4
    assert renaming.name == "4"


@pytest.mark.parametrize(("kind", "code"), CONFLICTS)
def test_endless_conflict(engine: Engine, code: str) -> None:
    """After twenty attempts a transaction fails, and has changed nothing."""
    renaming = Renaming(engine, raising(code), times=100)
    with pytest.raises(StoreError, match=SENTENCE):
        renaming.database.write(renaming)
    assert renaming.attempts == retries.ATTEMPTS
    assert renaming.name == ADA.user.full_name


def test_slow_conflict(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is run again after the time for it."""
    monkeypatch.setattr(retries, "RETRY_SECONDS", 0)
    renaming = Renaming(engine, raising("40001"), times=100)
    with pytest.raises(StoreError):
        renaming.database.write(renaming)
    assert renaming.attempts == 1


@pytest.mark.parametrize(("kind", "code"), REFUSED)
def test_refused_write(engine: Engine, code: str) -> None:
    """A write that a read-only server refuses is run again once, on a new connection."""
    renaming = Renaming(engine, raising(code), times=1)
    assert renaming.database.write(renaming) == 1
    assert renaming.name == "2"
    assert len(set(renaming.connections)) == 2


@pytest.mark.parametrize(("kind", "code"), REFUSED + OTHERS)
def test_other_failure(engine: Engine, code: str) -> None:
    """A server that stays read-only, or has a full disk, changes nothing and gives one sentence."""
    renaming = Renaming(engine, raising(code), times=100)
    with pytest.raises(StoreError, match=SENTENCE):
        renaming.database.write(renaming)
    assert renaming.attempts == (2 if (engine.dialect.name, code) in _refused() else 1)
    assert renaming.name == ADA.user.full_name


def _refused() -> set[tuple[str, str]]:
    return {("mysql" if kind == "mariadb" else kind, code) for kind, code in REFUSED}


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_lost_before_the_commit(engine: Engine) -> None:
    """A transaction whose connection breaks in a statement is run again once."""
    renaming = Renaming(engine, abort, times=1)
    assert renaming.database.write(renaming) == 1
    assert renaming.name == "2"


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_lost_twice(engine: Engine) -> None:
    """A transaction whose connection breaks again fails."""
    renaming = Renaming(engine, abort, times=100)
    with pytest.raises(StoreError, match=SENTENCE):
        renaming.database.write(renaming)
    assert renaming.attempts == 2
    assert renaming.name == ADA.user.full_name


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_lost_in_the_commit(engine: Engine) -> None:
    """A commit without an answer is not repeated: the caller learns that it may have happened."""
    renaming = Renaming(engine, abort, times=0)

    def cut(connection: Connection) -> None:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.close()

    event.listen(engine, "commit", cut)
    with pytest.raises(StoreError, match=SENTENCE):
        renaming.database.write(renaming)
    event.remove(engine, "commit", cut)
    assert renaming.attempts == 1


@pytest.mark.parametrize(("kind", "code"), CONFLICTS + REFUSED)
def test_read(engine: Engine, code: str) -> None:
    """A query that the server refuses for a moment is run once more."""
    renaming = Renaming(engine, raising(code), times=0)
    failures = [code]

    def fail(connection: Connection, *_: object) -> None:
        if failures:
            raising(failures.pop())(connection)

    event.listen(engine, "before_cursor_execute", fail)
    assert renaming.name == ADA.user.full_name
    assert not failures
    event.remove(engine, "before_cursor_execute", fail)


_READ_ONLY = {
    "postgresql": "ALTER DATABASE {} SET default_transaction_read_only = {}",
    "mariadb": "SET GLOBAL tx_read_only = {1}",
}


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_server_that_is_read_only_for_a_while(
    kind: str, engine: Engine, request: pytest.FixtureRequest
) -> None:
    """Sign-ins fail while connections are read-only, and work again on the next one."""
    core = core_on(engine)
    user = core.add_user()
    credential = core.sessions.issue(core.sign_in(user)).text
    server: SQLDatabases = request.getfixturevalue(kind)
    server.execute(_READ_ONLY[kind].format(engine.url.database, "on"))
    engine.dispose()
    with pytest.raises(StoreError, match=SENTENCE):
        core.sign_in(user)
    assert core.sessions.resume(credential).user == user
    server.execute(_READ_ONLY[kind].format(engine.url.database, "off"))
    session = core.sign_in(user)
    assert core.sessions.end(session)


def test_out_of_connections(postgresql: SQLDatabases) -> None:
    """Without a free connection no user is signed in; the next free one is used."""
    url = make_url(postgresql.empty_database())
    owner = open_engine(url.render_as_string(hide_password=False))
    core = core_on(owner)
    user = core.add_user()
    credential = core.sessions.issue(core.sign_in(user)).text
    role = f"few_{url.database}"
    postgresql.execute(f"CREATE ROLE {role} LOGIN IN ROLE pg_read_all_data CONNECTION LIMIT 1")
    limited = url.set(username=role).render_as_string(hide_password=False)
    holder, engine = create_engine(limited), open_engine(limited)
    few = core_on(engine)
    with holder.connect(), pytest.raises(StoreError, match=SENTENCE):
        few.sessions.resume(credential)
    holder.dispose()
    assert few.sessions.resume(credential).user == user
    engine.dispose()
    owner.dispose()
    postgresql.execute(f"DROP ROLE {role}")
