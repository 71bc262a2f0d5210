"""Faults of one Redis: lost answers, pauses, a slow network, a full memory, a demotion."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from threading import Timer
from time import monotonic
from typing import Any

import pytest
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from tests.support.clock import START
from tests.support.core_app import CoreApp
from tests.support.process import wait_until
from tests.support.redisserver import RedisServer, has_replicas
from tests.support.server import HOST
from tests.support.tcp_proxy import TCPProxy

from streamlit_persistauth.core.storage.records import CounterRecord, TokenType
from streamlit_persistauth.errors import AuthError, StoreError
from streamlit_persistauth.stores.redis import RedisTokenStore
from streamlit_persistauth.testing.rows import handoff_record, session_record

SESSION = session_record("ada")
HANDOFF = handoff_record(SESSION)
COUNTER = CounterRecord(1, START, START + timedelta(hours=1))
BOUND = 4.0
"""How long a call with a deadline of a second takes at most on a busy machine."""


@pytest.fixture(scope="module")
def shared() -> Iterator[RedisServer]:
    """A Redis that the tests of this module may stop for a moment."""
    server = RedisServer()
    yield server
    server.stop()


@pytest.fixture
def server(shared: RedisServer) -> RedisServer:
    """The same, empty."""
    shared.flush()
    return shared


@pytest.fixture
def proxy(server: RedisServer) -> Iterator[TCPProxy]:
    """A network before it."""
    proxy = TCPProxy(server.port)
    yield proxy
    proxy.stop()


WRITES: dict[str, tuple[Callable[[RedisTokenStore], Any], Any]] = {
    "put": (lambda tokens: tokens.put(SESSION), None),
    "swap": (lambda tokens: tokens.swap(SESSION, replace(SESSION, token_hash="b" * 64)), True),
    "consume": (lambda tokens: tokens.consume(TokenType.HANDOFF, HANDOFF.token_hash), HANDOFF),
    "end_session": (lambda tokens: tokens.end_session(SESSION.session_id), 2),
    "end_user": (lambda tokens: tokens.end_user("ada"), 2),
    "swap_count": (lambda tokens: tokens.swap_count("key", None, COUNTER), True),
    "purge": (lambda tokens: tokens.purge(START + timedelta(days=9)), 2),
}


@pytest.mark.parametrize("name", WRITES)
def test_lost_answer(server: RedisServer, proxy: TCPProxy, name: str) -> None:
    """A write whose answer was lost is done once, and returns what it has done."""
    direct = RedisTokenStore(server.url)
    direct.put(SESSION)
    direct.put(HANDOFF)
    tokens = RedisTokenStore(f"redis://{HOST}:{proxy.port}/0")
    proxy.loses_answer_to = name.encode()
    write, expected = WRITES[name]
    assert write(tokens) == expected
    assert not proxy.loses_answer_to


@pytest.mark.parametrize("name", ["end_session", "consume"])
def test_pause(server: RedisServer, name: str) -> None:
    """A write during a pause is right, although the app's client repeats what takes longer."""
    client = Redis(
        host=HOST,
        port=server.port,
        decode_responses=True,
        socket_timeout=0.1,
        retry=Retry(NoBackoff(), 20),
    )
    tokens = RedisTokenStore(client)
    tokens.put(SESSION)
    tokens.put(HANDOFF)
    write, expected = WRITES[name]
    with server.paused():
        timer = Timer(0.5, server.resume)
        timer.start()
        assert write(tokens) == expected
        timer.join()


def test_pause_beyond_the_deadline(server: RedisServer) -> None:
    """A call without an answer raises StoreError in time; later calls return what is true."""
    tokens, fresh = RedisTokenStore(server.url, timeout_seconds=1), RedisTokenStore(server.url)
    tokens.put(SESSION)
    with server.paused():
        began = monotonic()
        with pytest.raises(StoreError):
            tokens.end_session(SESSION.session_id)
        assert monotonic() - began < BOUND
    wait_until(lambda: fresh.find_session(SESSION.session_id) is None)


def test_slow_network(server: RedisServer, proxy: TCPProxy) -> None:
    """The deadline is that of the call, not of each of its steps."""
    tokens = RedisTokenStore(f"redis://{HOST}:{proxy.port}/1", timeout_seconds=0.5)
    proxy.delay = 0.2
    began = monotonic()
    with pytest.raises(StoreError):
        tokens.find_session(SESSION.session_id)
    assert monotonic() - began < BOUND


def answers(tokens: RedisTokenStore) -> bool:
    """Return whether a store answers."""
    try:
        tokens.count("")
    except StoreError:
        return False
    return True


def test_late_answer(server: RedisServer, proxy: TCPProxy) -> None:
    """The answer to a call that ran out of time is not read by the next one."""
    RedisTokenStore(server.url).put(SESSION)
    tokens = RedisTokenStore(f"redis://{HOST}:{proxy.port}/0", timeout_seconds=0.5)
    assert tokens.count("key") is None
    proxy.delay = 0.7
    with pytest.raises(StoreError):
        tokens.find_session(SESSION.session_id)
    proxy.delay = 0.0
    wait_until(lambda: answers(tokens))
    assert tokens.count("key") is None


def test_full(server: RedisServer) -> None:
    """A full Redis refuses sign-ins, keeps and revokes those it has, and recovers."""
    core = CoreApp(tokens=RedisTokenStore(server.url))  # type: ignore[arg-type]
    user = core.add_user()
    kept, ended = core.start(user), core.start(user)
    text, ended_text = core.sessions.issue(kept.id).text, core.sessions.issue(ended.id).text
    server.run("CONFIG", "SET", "maxmemory", 1)
    try:
        with pytest.raises(StoreError):
            core.start(user)
        assert core.sessions.resume(text).user.id == user.id
        core.sessions.end(ended.id)
        with pytest.raises(AuthError):
            core.sessions.resume(ended_text)
    finally:
        server.run("CONFIG", "SET", "maxmemory", 0)
    assert core.start(user)


def test_full_signs_out_everywhere(server: RedisServer) -> None:
    """A full Redis revokes all sessions of a user, and logs it."""
    tokens = RedisTokenStore(server.url)
    tokens.put(SESSION)
    server.run("CONFIG", "SET", "maxmemory", 1)
    try:
        assert tokens.end_user("ada") == 1
    finally:
        server.run("CONFIG", "SET", "maxmemory", 0)
    assert tokens.find_session(SESSION.session_id) is None
    assert [entry.subject_id for entry in tokens.revocations_after(0, limit=9)] == ["ada"]


def test_demoted_without_cutting(server: RedisServer) -> None:
    """A primary that became a replica answers nothing, because it may not know of a revocation."""
    tokens = RedisTokenStore(server.url)
    tokens.put(SESSION)
    assert tokens.find_session(SESSION.session_id) == SESSION
    server.run("REPLICAOF", HOST, 1)
    try:
        for call in (
            lambda: tokens.find_session(SESSION.session_id),
            lambda: tokens.count("key"),
            lambda: tokens.end_session(SESSION.session_id),
        ):
            with pytest.raises(StoreError):
                call()
    finally:
        server.run("REPLICAOF", "NO", "ONE")
    assert tokens.find_session(SESSION.session_id) == SESSION


def test_cut_off_from_its_replicas(server: RedisServer) -> None:
    """A primary that lacks the replicas it is configured to need answers nothing."""
    tokens = RedisTokenStore(server.url)
    tokens.put(SESSION)
    server.run("CONFIG", "SET", "min-replicas-to-write", 1)
    try:
        with pytest.raises(StoreError):
            tokens.find_session(SESSION.session_id)
    finally:
        server.run("CONFIG", "SET", "min-replicas-to-write", 0)
    assert tokens.find_session(SESSION.session_id) == SESSION


@pytest.fixture
def pair() -> Iterator[tuple[RedisServer, RedisServer]]:
    """A primary and its replica."""
    primary = RedisServer()
    replica = RedisServer(replicaof=f"{HOST} {primary.port}")
    wait_until(lambda: has_replicas(primary, 1))
    yield primary, replica
    replica.stop()
    primary.stop()


def test_revocation_that_a_failover_loses(pair: tuple[RedisServer, RedisServer]) -> None:
    """Without confirmation by replicas, a failover can bring back a revoked session."""
    primary, replica = pair
    tokens = RedisTokenStore(primary.url)
    tokens.put(SESSION)
    wait_until(lambda: has_replicas(primary, 1))
    replica.run("REPLICAOF", HOST, 1)  # the link is cut
    assert tokens.end_session(SESSION.session_id) == 1
    primary.kill()
    replica.run("REPLICAOF", "NO", "ONE")
    assert RedisTokenStore(replica.url).find_session(SESSION.session_id) == SESSION


def test_repeated_revocation_is_confirmed(pair: tuple[RedisServer, RedisServer]) -> None:
    """A revocation that is sent again writes again: WAIT waits for what its connection wrote."""
    primary, _replica = pair
    tokens = RedisTokenStore(primary.url, replicas=1)
    tokens.put(SESSION)
    with Redis.from_url(primary.url, decode_responses=True) as client:
        tokens._run(client, "end_session", "operation", 1, SESSION.session_id)
        before = primary.facts()["master_repl_offset"]
        assert tokens._run(client, "end_session", "operation", 1, SESSION.session_id) == 1
    assert primary.facts()["master_repl_offset"] > before


def test_unconfirmed_revocation(
    pair: tuple[RedisServer, RedisServer], caplog: pytest.LogCaptureFixture
) -> None:
    """A revocation that no replica confirms raises StoreError; a confirmed one never comes back."""
    primary, replica = pair
    tokens = RedisTokenStore(primary.url, timeout_seconds=0.5, replicas=1)
    tokens.put(SESSION)
    with replica.paused():
        for _ in range(2):  # the second one finds nothing to revoke, and can't confirm it either
            with pytest.raises(StoreError):
                tokens.end_session(SESSION.session_id)
            assert tokens.find_session(SESSION.session_id) is None
        with pytest.raises(StoreError):
            tokens.end_user("ada")
    assert "confirmed by 0 of 1 replicas" in caplog.text
    patient = RedisTokenStore(primary.url, replicas=1)
    assert patient.end_session(SESSION.session_id) == 0
    primary.kill()
    replica.run("REPLICAOF", "NO", "ONE")
    assert RedisTokenStore(replica.url).find_session(SESSION.session_id) is None
