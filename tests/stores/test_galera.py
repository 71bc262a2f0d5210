"""A Galera cluster of three nodes of MariaDB, all of which take writes."""

from collections.abc import Iterator
from functools import partial

import pytest
from sqlalchemy import Connection, select, update
from tests.support.core_app import CoreApp, core_on
from tests.support.process import wait_until
from tests.support.replication import GaleraCluster

from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.tables import users
from streamlit_persistauth.testing.races import at_once
from streamlit_persistauth.testing.rows import user_record

pytestmark = pytest.mark.slow

CHANGES = 50
CAUSAL = "&init_command=SET SESSION wsrep_sync_wait=1"


@pytest.fixture(scope="module")
def cluster() -> Iterator[GaleraCluster]:
    """Three nodes."""
    made = GaleraCluster()
    yield made
    made.stop()


@pytest.fixture
def replicas(cluster: GaleraCluster) -> Iterator[list[CoreApp]]:
    """An app on each node, with one empty database; reads wait for the changes of other nodes."""
    name = cluster.nodes[0].empty_database().partition("?")[0].rpartition("/")[2]
    engines = [open_engine(url + CAUSAL) for url in cluster.urls(name)]
    yield [core_on(engine) for engine in engines]
    for engine in engines:
        engine.dispose()


def database_of(core: CoreApp) -> Database:
    """Return the database of an app."""
    database: Database = core.users.database
    return database


def test_first_account(replicas: list[CoreApp]) -> None:
    """Of first accounts that are made on all nodes at once, one succeeds."""
    records = [user_record(f"user{number}@example.com") for number in range(3)]
    calls = [
        partial(core.users.add_first, record)
        for core, record in zip(replicas, records, strict=True)
    ]
    assert sorted(at_once(*calls)) == [False, False, True]


def test_conflicts(replicas: list[CoreApp]) -> None:
    """Changes of one row on all nodes are repeated until each has succeeded."""
    user = replicas[0].add_user()
    attempts = []

    def count(connection: Connection) -> None:
        attempts.append(1)
        query = select(users.c.full_name).where(users.c.id == user.id)
        number = int(connection.execute(query).scalar_one())
        change = update(users).where(users.c.id == user.id, users.c.full_name == str(number))
        if connection.execute(change.values(full_name=str(number + 1))).rowcount != 1:
            raise TypeError("another node was faster")

    def work(core: CoreApp) -> int:
        done = 0
        while done < CHANGES:
            try:
                database_of(core).write(count)
            except StoreError:
                continue
            done += 1
        return done

    replicas[0].change_user(user.id, full_name="0")
    at_once(*[partial(work, core) for core in replicas])
    found = replicas[1].users.get(user.id)
    assert found.user.full_name == str(3 * CHANGES)


def test_rotation_on_all_nodes(replicas: list[CoreApp]) -> None:
    """A session that is used on all nodes at once is renewed by each, and revoked everywhere."""
    user = replicas[0].add_user()
    sessions = [core.sign_in(user) for core in replicas]
    for session in sessions:
        credentials = at_once(*[partial(core.sessions.issue, session) for core in replicas])
        resumed = 0
        for core, credential in zip(replicas, credentials, strict=True):
            try:
                assert core.sessions.resume(credential.text).user == user
            except InvalidToken:
                continue
            resumed += 1
        assert resumed <= 1
    for core, session in zip(replicas, sessions, strict=True):
        core.sessions.end(session)
        for other in replicas:
            with pytest.raises(InvalidToken):
                other.sessions.resume_session(session)


def test_a_node_is_lost(cluster: GaleraCluster, replicas: list[CoreApp]) -> None:
    """Two nodes go on without the third, which has everything when it is back."""
    user = replicas[0].add_user()
    sessions = [core.sign_in(user) for core in replicas * 4]
    assert replicas[2].sessions.resume_session(sessions[0]).user == user
    cluster.nodes[2].kill()
    wait_until(lambda: is_working(replicas[0], sessions[0]))
    cluster.wait_for(2)
    for session in sessions[:6]:
        assert replicas[1].sessions.end(session)
    with pytest.raises(StoreError):
        replicas[2].sessions.resume_session(sessions[0])
    cluster.nodes[2].start()
    cluster.wait_for(3)
    wait_until(lambda: is_working(replicas[2], sessions[6]))
    for session in sessions[:6]:
        with pytest.raises(InvalidToken):
            replicas[2].sessions.resume_session(session)
    for session in sessions[6:]:
        assert replicas[2].sessions.resume_session(session).user == user


def test_a_node_without_the_others(cluster: GaleraCluster, replicas: list[CoreApp]) -> None:
    """The last node of three signs no user in or out, and works again when others are back."""
    user = replicas[0].add_user()
    session = replicas[0].sign_in(user)
    for node in cluster.nodes[1:]:
        node.kill()
    wait_until(lambda: not is_working(replicas[0], session))
    with pytest.raises(StoreError):
        replicas[0].sessions.end(session)
    cluster.make_primary(0)
    wait_until(lambda: is_working(replicas[0], session))
    for node in cluster.nodes[1:]:
        node.start()
    cluster.wait_for(3)
    assert replicas[0].sessions.end(session)
    with pytest.raises(InvalidToken):
        replicas[2].sessions.resume_session(session)


def is_working(core: CoreApp, session: str) -> bool:
    """Return whether a node serves sessions."""
    try:
        core.sessions.resume_session(session)
    except StoreError:
        return False
    return True
