"""Databases that stop in the middle, are full, or are read-only."""

import multiprocessing
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text, update
from tests.support.core_app import EMAIL, PASSWORD, core_on
from tests.support.servers import empty_url
from tests.support.sqlserver import MariaDB, PostgreSQL, SQLServer
from tests.support.workers import ask_after_fork, write_and_wait

from streamlit_persistauth.core.storage.records import TokenRecord, UserRecord
from streamlit_persistauth.errors import AuthError, InvalidToken, StoreError
from streamlit_persistauth.stores.sql import SQLTokenStore, SQLUserStore, engines
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.lookup import JoinedLookup
from streamlit_persistauth.stores.sql.prepared import Prepared
from streamlit_persistauth.stores.sql.tables import users
from streamlit_persistauth.testing.races import at_once
from streamlit_persistauth.testing.rows import session_record, user_record


@pytest.fixture(scope="module", params=[PostgreSQL, MariaDB])
def server(request: pytest.FixtureRequest) -> Iterator[SQLServer]:
    """A server of each kind that a test may stop."""
    made = SQLServer(request.param())
    yield made
    made.stop()


@pytest.fixture
def engine(server: SQLServer) -> Iterator[Engine]:
    """The URL of a database on it."""
    opened = open_engine(server.empty_database())
    yield opened
    opened.dispose()


@contextmanager
def noted(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, Any]]]:
    """Collect statements with their values, those of SQLAlchemy and those of the driver."""
    statements: list[tuple[str, Any]] = []
    bind = Prepared.bind

    def note(_connection: object, _cursor: object, text: str, values: Any, *_: object) -> None:  # noqa: ANN401
        statements.append((text, values))

    def note_prepared(query: Prepared, parameters: Mapping[str, str]) -> Any:  # noqa: ANN401
        bound = bind(query, parameters)
        statements.append((query.text, bound if isinstance(bound, dict) else tuple(bound)))
        return bound

    event.listen(engine, "before_cursor_execute", note)
    monkeypatch.setattr(Prepared, "bind", note_prepared)
    yield statements
    event.remove(engine, "before_cursor_execute", note)
    monkeypatch.undo()


def test_restart(server: SQLServer, engine: Engine) -> None:
    """After a restart the next page and the next sign-in work, on old connections."""
    core = core_on(engine)
    user = core.add_user()
    credential = core.sessions.issue(core.sign_in(user)).text
    server.restart_after_power_cut()
    assert core.sessions.resume(credential).user == user
    server.restart_after_power_cut()
    assert core.accounts.authenticate(EMAIL, PASSWORD).user.id == user.id


def test_restart_with_many_connections(server: SQLServer, engine: Engine) -> None:
    """One closed connection invalidates the others, so none of them is tried."""
    core = core_on(engine)
    user = core.add_user()
    credential = core.sessions.issue(core.sign_in(user)).text
    with ExitStack() as open_at_once:
        for _ in range(5):
            open_at_once.enter_context(engine.connect())
    server.restart_after_power_cut()
    assert core.sessions.resume(credential).user == user


def test_deadlock(engine: Engine) -> None:
    """Two changes in a deadlock both succeed, one after the other."""
    database = Database(engine)
    accounts = [user_record(f"user{number}@example.com") for number in range(2)]
    for account in accounts:
        SQLUserStore(database).add(account)
    both_have_one, attempts = Barrier(2), count(1)

    def rename(first: UserRecord, second: UserRecord, name: str) -> int:
        def change(connection: Connection) -> int:
            attempt = next(attempts)
            for account in (first, second):
                row = update(users).where(users.c.id == account.user.id)
                connection.execute(row.values(full_name=name))
                if account is first and attempt <= 2:
                    both_have_one.wait(20)
            return attempt

        return database.write(change)

    one, other = accounts
    made = at_once(lambda: rename(one, other, "Ada"), lambda: rename(other, one, "Grace"))
    assert max(made) >= 3  # a retry may overtake the change that was waiting
    names = {SQLUserStore(database).find(item.user.email).user.full_name for item in accounts}  # type: ignore[union-attr]
    assert len(names) == 1


def test_restart_while_nobody_writes(
    server: SQLServer, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write after a pause tests the connection first."""
    core = core_on(engine)
    session = core.sign_in(core.add_user())
    server.restart_after_power_cut()
    monkeypatch.setattr(engines, "PING_AFTER_SECONDS", 0)
    assert core.sessions.end(session)


@pytest.mark.parametrize("way", ["start", "end", "rotate"])
def test_power_cut_in_a_transaction(server: SQLServer, engine: Engine, way: str) -> None:
    """A change that a power failure interrupts has changed nothing."""
    core = core_on(engine)
    user = core.add_user()
    session = core.sign_in(user)
    ended = core.sign_in(user)
    core.sessions.end(ended)
    before = core.tokens.list_sessions(user.id)
    ways: dict[str, Callable[[], object]] = {
        "start": lambda: core.sign_in(user),
        "end": lambda: core.sessions.end(session),
        "rotate": lambda: core.sessions.issue(session),
    }

    def cut(*_arguments: object) -> None:
        server.restart_after_power_cut()

    event.listen(engine, "commit", cut)
    with pytest.raises(StoreError):
        ways[way]()
    event.remove(engine, "commit", cut)
    assert core.tokens.list_sessions(user.id) == before
    assert core.sessions.resume_session(session).user == user
    with pytest.raises(InvalidToken):
        core.sessions.resume_session(ended)


def test_server_that_is_gone(server: SQLServer, engine: Engine) -> None:
    """While the server is down nobody is signed in or out; afterwards every session is valid."""
    core = core_on(engine)
    user = core.add_user()
    credential = core.sessions.issue(core.sign_in(user)).text
    server.kill()
    for call in (
        lambda: core.sessions.resume(credential),
        lambda: core.accounts.authenticate(EMAIL, PASSWORD),
        lambda: core.sign_in(user),
        lambda: core.sessions.end_user(user.id),
    ):
        with pytest.raises(StoreError) as caught:
            call()
        assert str(caught.value) == "Sign-in is unavailable right now. Please try again later."
    server.start()
    assert core.sessions.resume(credential).user == user


def test_fork(server: SQLServer, engine: Engine) -> None:
    """A forked process opens its own connections; both get their own results."""
    user = user_record()
    store = SQLUserStore(Database(engine))
    store.add(user)
    context = multiprocessing.get_context("fork")
    answers: multiprocessing.Queue[str] = context.Queue()
    children = [
        context.Process(target=ask_after_fork, args=(store, user.user.id, answers))
        for _ in range(2)
    ]
    for child in children:
        child.start()
    assert {store.get(user.user.id) == user for _ in range(200)} == {True}
    assert [answers.get(timeout=60) for _ in children] == ["200 answers"] * 2
    for child in children:
        child.join(60)
    answers.close()
    answers.join_thread()
    assert store.get(user.user.id) == user


PER_PAGE: dict[str, Callable[[Database, TokenRecord], object]] = {
    "by hash": lambda database, session: JoinedLookup(database).by_hash(session.token_hash),
    "by session": lambda database, session: JoinedLookup(database).by_session(session.session_id),
    "tokens by hash": lambda database, session: SQLTokenStore(database).find(
        session.token_type, session.token_hash
    ),
    "tokens by session": lambda database, session: SQLTokenStore(database).find_session(
        session.session_id
    ),
    "open pages": lambda database, session: SQLTokenStore(database).find_sessions(
        [session.session_id]
    ),
    "user": lambda database, session: SQLUserStore(database).get(session.user_id),
}
SCANS = {
    "sqlite": lambda plan: "SCAN" in plan,
    "postgresql": lambda plan: "Seq Scan" in plan,
    "mysql": lambda plan: ",  ALL ," in plan or ",  index ," in plan,
}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
@pytest.mark.parametrize("query", PER_PAGE)
def test_every_page_uses_an_index(
    kind: str, query: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queries of every rerun and of the check of open pages scan no table."""
    engine = open_engine(empty_url(kind, request))
    database = Database(engine)
    users, tokens = SQLUserStore(database), SQLTokenStore(database)
    owners = [user_record(f"user{number}@example.com") for number in range(300)]
    sessions = [session_record(owner.user.id) for owner in owners]
    for owner, session in zip(owners, sessions, strict=True):
        users.add(owner)
        tokens.put(session)
    with engine.begin() as connection:
        if kind != "sqlite":
            for table in ("users", "auth_tokens"):
                connection.execute(
                    text(f"ANALYZE {'' if kind == 'postgresql' else 'TABLE '}{table}")
                )
    with noted(engine, monkeypatch) as statements:
        assert PER_PAGE[query](database, sessions[150])
    words = "EXPLAIN QUERY PLAN " if kind == "sqlite" else "EXPLAIN "
    with engine.connect() as connection:
        plans = [
            " ".join(map(str, connection.exec_driver_sql(words + text, values))).replace("'", " ")
            for text, values in statements
        ]
    engine.dispose()
    (plan,) = plans
    assert not SCANS[engine.dialect.name](plan), plan


def test_process_that_ends_in_a_transaction(tmp_path: Path) -> None:
    """A process that is killed during a write leaves SQLite consistent and unlocked."""
    url = f"sqlite:///{tmp_path / 'app.db'}"
    database = Database(open_engine(url))
    user = user_record()
    SQLUserStore(database).add(user)
    context = multiprocessing.get_context("forkserver")
    written = context.Event()
    child = context.Process(target=write_and_wait, args=(url, user.user.id, written))
    child.start()
    assert written.wait(60)
    child.kill()
    child.join(60)
    tokens = SQLTokenStore(database)
    assert tokens.list_sessions(user.user.id) == []
    session = session_record(user.user.id)
    tokens.put(session)
    assert tokens.list_sessions(user.user.id) == [session]
    database.engine.dispose()


def test_disk_full(database: Database) -> None:
    """On a full disk, signed-in users stay signed in, and no change is half done."""
    core = core_on(database.engine)
    user = core.add_user()
    credential = core.sessions.issue(core.sign_in(user)).text

    def no_room(connection: object, *_rest: object) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]  # type: ignore[attr-defined]
        connection.execute(f"PRAGMA max_page_count = {pages}")  # type: ignore[attr-defined]

    database.engine.dispose()
    event.listen(database.engine, "connect", no_room)
    before = -1
    for _ in range(500):
        before = len(core.tokens.list_sessions(user.id))
        try:
            core.sign_in(user)
        except StoreError:
            break
    else:
        pytest.fail("there was room for 500 sessions")
    assert len(core.tokens.list_sessions(user.id)) == before
    assert core.sessions.resume(credential).user == user
    core.clock.move(minutes=2)
    assert core.sessions.resume(credential).user == user
    event.remove(database.engine, "connect", no_room)
    database.engine.dispose()
    core.sign_in(user)
    assert len(core.tokens.list_sessions(user.id)) == before + 1


def test_read_only(database: Database) -> None:
    """A read-only database shows pages to signed-in users; no user can sign in."""
    core = core_on(database.engine)
    user = core.add_user()
    credential = core.sessions.issue(core.sign_in(user)).text
    path = database.engine.url.database
    reading = open_engine(f"sqlite:///file:{path}?mode=ro&uri=true")
    other = core_on(reading)
    other.clock.move(minutes=2)
    assert other.sessions.resume(credential).user == user
    for call in (
        lambda: other.accounts.authenticate(EMAIL, PASSWORD),
        lambda: other.sign_in(user),
        lambda: other.sessions.end_user(user.id),
    ):
        with pytest.raises(AuthError) as caught:
            call()
        assert isinstance(caught.value, StoreError)
    assert other.sessions.resume(credential).user == user
    reading.dispose()


def test_missing_file(tmp_path: Path) -> None:
    """A file that is deleted under an open app signs no user in; a restart creates it again."""
    engine = open_engine(f"sqlite:///{tmp_path / 'app.db'}")
    core = core_on(engine)
    session = core.sign_in(core.add_user())
    engine.dispose()
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(AuthError):
        core.sessions.resume_session(session)
    assert core_on(engine).users.is_empty()
    engine.dispose()
