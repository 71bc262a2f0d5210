"""PostgreSQL with a streaming standby: the primary is killed or demoted under load."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event, Lock

import pytest
from sqlalchemy import Engine, text
from tests.support.core_app import PASSWORD, CoreApp, core_on
from tests.support.process import wait_until
from tests.support.replication import StreamingPair

from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.stores.sql.engines import open_engine

CLIENTS = 50
REVOKED = 20
THREADS = 4
NEW_PASSWORD = "fig-Lantern-58-canal"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.fixture
def pair() -> Iterator[StreamingPair]:
    """A primary and its standby."""
    made = StreamingPair()
    yield made
    made.stop()


@pytest.fixture
def engine(pair: StreamingPair) -> Iterator[Engine]:
    """An engine that finds the one of them that takes writes."""
    opened = open_engine(pair.url())
    yield opened
    opened.dispose()


@dataclass
class Clients:
    """Users with one session each, and which revocations were acknowledged.

    Attributes:
        core: The app.
        revoked: Sessions whose revocation has returned.
        unknown: Sessions whose revocation has raised an error.
    """

    core: CoreApp
    revoked: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        users = [self.core.add_user(f"user{number}@example.com") for number in range(CLIENTS)]
        self.sessions = {self.core.sign_in(user): user for user in users}
        self.ids = list(self.sessions)
        self.enough = Event()
        self._lock = Lock()

    def revoke(self, sessions: Sequence[str]) -> None:
        """Revoke sessions one after the other; note what is known of each."""
        for session in sessions:
            try:
                assert self.core.sessions.end(session)
            except StoreError:
                self.unknown.append(session)
                continue
            with self._lock:
                self.revoked.append(session)
                if len(self.revoked) >= REVOKED:
                    self.enough.set()

    def valid(self) -> set[str]:
        """Return the sessions that are valid now, each for its user."""
        found = set()
        for session, user in self.sessions.items():
            try:
                assert self.core.sessions.resume_session(session).user == user
            except InvalidToken:
                continue
            found.add(session)
        return found


def catch_up(pair: StreamingPair) -> None:
    """Wait until the standby has what the primary has committed."""
    position = pair.primary.read("SELECT pg_current_wal_lsn()")
    query = f"SELECT pg_last_wal_replay_lsn() >= '{position}'"
    wait_until(lambda: pair.standby.read(query) is True)


def test_asynchronous_replication(pair: StreamingPair, engine: Engine) -> None:
    """What the standby has not received comes back: revoked sessions, used links, old passwords."""
    clients = Clients(core_on(engine))
    core = clients.core
    clients.revoke(clients.ids[:10])
    link = core.resets.create("user49@example.com")
    assert link is not None
    catch_up(pair)
    pair.cut()
    clients.revoke(clients.ids[10:REVOKED])
    core.resets.reset(link, NEW_PASSWORD)
    assert clients.valid() == set(clients.ids[REVOKED:-1])
    pair.fail_over()
    assert clients.valid() == set(clients.ids[10:])
    assert core.accounts.authenticate("user49@example.com", PASSWORD)
    assert core.resets.reset(link, NEW_PASSWORD).email == "user49@example.com"
    clients.revoke(clients.ids[10:REVOKED])
    assert clients.valid() == set(clients.ids[REVOKED:-1])


def test_synchronous_replication(pair: StreamingPair, engine: Engine) -> None:
    """No acknowledged revocation comes back when the primary is killed under load."""
    clients = Clients(core_on(engine))
    pair.replicate_synchronously()
    halves = [clients.ids[number:40:THREADS] for number in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        running = [pool.submit(clients.revoke, half) for half in halves]
        assert clients.enough.wait(60)
        pair.fail_over()
    for future in running:
        future.result()
    assert len(clients.revoked) >= REVOKED
    assert clients.valid() >= set(clients.ids[40:])
    assert clients.valid().isdisjoint(clients.revoked)
    clients.revoke(sorted(clients.valid() & set(clients.ids[:40])))
    assert clients.valid() == set(clients.ids[40:])


def test_revocation_waits_for_the_standby(pair: StreamingPair, engine: Engine) -> None:
    """A revocation that the standby has not received is not acknowledged."""
    clients = Clients(core_on(engine))
    pair.replicate_synchronously()
    pair.cut()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(clients.revoke, clients.ids[:1])
        wait_until(lambda: pair.primary.read(WAITING) == 1)
        assert not running.done()
        pair.fail_over()
    running.result()
    assert clients.unknown == clients.ids[:1]
    assert clients.valid() == set(clients.ids)


def test_synchronous_revocations(pair: StreamingPair, engine: Engine) -> None:
    """With the setting revocations wait for the standby, and sign-ins do as the server is set."""
    clients = Clients(core_on(engine, synchronous_revocations=True))
    core = clients.core
    link = core.resets.create("user49@example.com")
    assert link is not None
    catch_up(pair)
    pair.primary.execute("ALTER SYSTEM SET synchronous_commit = 'local'")
    pair.replicate_synchronously()
    pair.cut()
    core.sign_in(clients.sessions[clients.ids[0]])
    calls = (
        lambda: core.sessions.end(clients.ids[0]),
        lambda: core.sessions.end_user(clients.sessions[clients.ids[1]].id),
        lambda: core.resets.reset(link, NEW_PASSWORD),
        lambda: core.user_admin.disable(clients.sessions[clients.ids[2]].id),
        lambda: core.users.delete(clients.sessions[clients.ids[3]].id),
    )
    with ThreadPoolExecutor(len(calls)) as pool:
        running = [pool.submit(call) for call in calls]
        wait_until(lambda: pair.primary.read(WAITING) == len(calls))
        assert not any(future.done() for future in running)
        pair.fail_over()
    for future in running:
        assert isinstance(future.exception(), StoreError)
    assert clients.valid() == set(clients.ids)
    assert core.accounts.authenticate("user49@example.com", PASSWORD)


def is_read_only(engine: Engine) -> bool:
    """Return whether the connection that is in the pool has noticed that it may not write."""
    with engine.connect() as connection:
        setting: str = connection.scalar(text("SHOW default_transaction_read_only")) or ""
        return setting == "on"


def test_switchover_without_a_cut(pair: StreamingPair, engine: Engine) -> None:
    """When the primary becomes read-only, the next write finds the new one, without a restart."""
    clients = Clients(core_on(engine))
    catch_up(pair)
    pair.promote()
    pair.primary.execute("ALTER SYSTEM SET default_transaction_read_only = on")
    pair.primary.execute("SELECT pg_reload_conf()")
    wait_until(lambda: is_read_only(engine))
    clients.revoke(clients.ids[:REVOKED])
    assert clients.revoked == clients.ids[:REVOKED]
    assert clients.valid() == set(clients.ids[REVOKED:])
    sessions = "SELECT count(*) FROM auth_tokens"
    assert pair.primary.read(sessions) == CLIENTS
    assert pair.standby.read(sessions) == CLIENTS - REVOKED
