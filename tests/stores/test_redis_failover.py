"""A replica takes over, while the store is in use: with Sentinel, and in a cluster."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

import pytest
from redis.exceptions import RedisError
from tests.support.process import wait_until
from tests.support.redisserver import Cluster, RedisServer, Sentinels
from tests.support.server import HOST

from streamlit_persistauth.core.storage.records import TokenRecord, TokenType
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.stores.redis import RedisTokenStore
from streamlit_persistauth.stores.redis.tokens import PREFIX
from streamlit_persistauth.testing.rows import handoff_record, session_record

KEPT = 50
REVOKED = 20
THREADS = 4


@dataclass
class Load:
    """Users who sign in, use a one-time code and sign out, all the time.

    Attributes:
        kept: Sessions that are not revoked.
        revoked: Sessions whose revocation was confirmed.
        lost: What the replica did not know yet when it took over.
        faults: How many calls raised StoreError.
    """

    tokens: RedisTokenStore
    kept: list[TokenRecord] = field(default_factory=list)
    revoked: list[TokenRecord] = field(default_factory=list)
    lost: list[TokenRecord] = field(default_factory=list)
    faults: int = 0
    _stopped: Event = field(default_factory=Event)

    @contextmanager
    def running(self) -> Iterator[None]:
        """Run it inside the block, on several threads."""
        with ThreadPoolExecutor(THREADS) as pool:
            jobs = [pool.submit(self._run) for _ in range(THREADS)]
            try:
                yield
            finally:
                self._stopped.set()
            for job in jobs:
                job.result()

    def sign_in(self) -> None:
        """Start the sessions that stay, and revoke others."""
        self.kept = [session_record("ada") for _ in range(KEPT)]
        for record in self.kept:
            self.tokens.put(record)
        for _ in range(REVOKED):
            self._sign_in_and_out()

    def has_gone_on(self) -> bool:
        """Return whether a session is signed in and out now."""
        number = len(self.revoked)
        wait_until(lambda: len(self.revoked) > number)
        return True

    def check(self) -> None:
        """Check that sessions are valid, except those that were revoked."""
        found = self.tokens.find_sessions([one.session_id for one in self.kept])
        assert {one.session_id for one in found} == {one.session_id for one in self.kept}
        assert self.tokens.find_sessions([one.session_id for one in self.revoked]) == []
        assert len(self.lost) <= 2 * THREADS  # of each thread, the sign-in of that moment

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._sign_in_and_out()
            except StoreError:
                self.faults += 1

    def _sign_in_and_out(self) -> None:
        record = session_record("bob")
        code = handoff_record(record)
        self.tokens.put(record)
        self.tokens.put(code)
        if self.tokens.consume(TokenType.HANDOFF, code.token_hash) != code:
            self.lost.append(code)
        if self.tokens.end_session(record.session_id) != 1:
            self.lost.append(record)
        self.revoked.append(record)


def is_primary(server: RedisServer) -> bool:
    """Return whether a server is a primary; Sentinel cuts connections when it changes that."""
    try:
        return bool(server.facts()["role"] == "master")
    except RedisError:
        return False


def test_sentinel() -> None:
    """With Sentinel, sessions stay valid, and revoked ones stay revoked, when the primary dies."""
    sentinels = Sentinels(3)
    load = Load(RedisTokenStore(sentinels.url, replicas=1, timeout_seconds=2))
    try:
        load.sign_in()
        with load.running():
            load.has_gone_on()
            sentinels.primary.kill()
            (replica,) = sentinels.replicas
            wait_until(lambda: is_primary(replica))
            # No replica confirms anything, until the old primary is one. Sentinel takes 10 s.
            sentinels.primary.start(replicaof=f"{HOST} {replica.port}")
            load.has_gone_on()
        load.check()
        assert load.faults
    finally:
        sentinels.stop()


@pytest.mark.parametrize(
    "fails_over",
    [
        pytest.param(RedisServer.kill, id="killed", marks=pytest.mark.slow),
        pytest.param(None, id="switched over"),
    ],
)
def test_cluster(fails_over: Callable[[RedisServer], None] | None) -> None:
    """In a cluster too, also if the primary only becomes a replica and cuts no connection."""
    cluster = Cluster(4)
    load = Load(RedisTokenStore(cluster.url, replicas=1, timeout_seconds=2))
    try:
        primary = cluster.owner(PREFIX)
        replica = cluster.add_replica(primary)
        load.sign_in()
        with load.running():
            load.has_gone_on()
            if fails_over is None:
                replica.run("CLUSTER", "FAILOVER")
            else:
                fails_over(primary)
            wait_until(lambda: is_primary(replica))
            if fails_over is not None:
                primary.start()
            load.has_gone_on()
        load.check()
    finally:
        cluster.stop()
