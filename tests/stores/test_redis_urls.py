"""URLs of Redis, of Sentinel and of a cluster, and clients of redis-py."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.cluster import RedisCluster
from redis.sentinel import Sentinel as SentinelClient
from tests.support.certificate import make_certificate
from tests.support.redisserver import SERVICE, Cluster, RedisDatabase, RedisServer, Sentinels
from tests.support.server import HOST

from streamlit_persistauth.errors import ConfigError, StoreError
from streamlit_persistauth.stores.redis import RedisTokenStore
from streamlit_persistauth.testing.rows import session_record
from streamlit_persistauth.wiring.stores import open_token_store

SESSION = session_record("ada")
MALFORMED = [
    "redis://[::1",
    "redis://host:port",
    "redis://:canary@host/0?sentinel=yes",
    "valkey://:canary@host",
    "redis+sentinal://:canary@host/name",
    "redis+sentinel://:canary@/name",
    "redis+sentinel://:canary@host:port/name",
    "redis+cluster://:canary@host,,other",
    "redis+cluster://:canary@host?unknown=1",
]


@pytest.mark.parametrize("url", MALFORMED)
def test_malformed(url: str) -> None:
    """A malformed URL raises ConfigError with one sentence, without the password."""
    with pytest.raises(ConfigError) as caught:
        open_token_store(url)
    assert caught.value.setting == "PERSISTAUTH_TOKEN_STORE_URL"
    assert "redis+sentinel://host1:26379,host2:26379/mymaster" in str(caught.value)
    assert "canary" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("redis+sentinel://host:26379", "the service that Sentinel watches is missing"),
        ("redis+sentinel://host:26379/mymaster/x", "…/mymaster/1 for database 1"),
        ("redis+cluster://host:6379/1", "no numbered databases"),
        ("redis+cluster://host:6379?db=1", "no numbered databases"),
    ],
)
def test_incomplete(url: str, words: str) -> None:
    """The error says what is wrong."""
    with pytest.raises(ConfigError, match=words):
        open_token_store(url)


def test_prefix_without_braces() -> None:
    """On a cluster a prefix without braces is refused, because its keys have many slots."""
    with pytest.raises(ConfigError, match="braces"):
        RedisTokenStore("redis+cluster://host", prefix="shop:")


def test_replicas_without_redis() -> None:
    """Replicas that confirm revocations need a Redis."""
    with pytest.raises(ConfigError, match="PERSISTAUTH_REDIS_REPLICAS"):
        open_token_store("memory://", redis_replicas=1)


def works(tokens: RedisTokenStore) -> bool:
    """Return whether a store reads, writes and revokes."""
    tokens.put(SESSION)
    return (
        tokens.find_session(SESSION.session_id) == SESSION
        and tokens.end_session(SESSION.session_id) == 1
        and tokens.find_session(SESSION.session_id) is None
    )


@pytest.fixture(scope="module")
def sentinels() -> Iterator[Sentinels]:
    """A primary, a replica and a Sentinel, with passwords."""
    made = Sentinels(1, password="canary?/")
    yield made
    made.stop()


@pytest.mark.parametrize("replicas", [0, 1])
def test_sentinel(sentinels: Sentinels, replicas: int) -> None:
    """A URL names Sentinels, a service, passwords and a database."""
    assert works(RedisTokenStore(sentinels.url_of_database(3), replicas=replicas))


def test_sentinel_client(sentinels: Sentinels) -> None:
    """A client that redis-py has made for Sentinel is accepted."""
    make: Any = SentinelClient
    manager = make(
        sentinels.addresses, sentinel_kwargs={"password": sentinels.password}, socket_timeout=None
    )
    client = manager.master_for(SERVICE, password=sentinels.password, decode_responses=True)
    assert works(RedisTokenStore(client))
    client.close()
    for sentinel in manager.sentinels:
        sentinel.close()


def test_sentinel_that_hangs(sentinels: Sentinels) -> None:
    """A Sentinel that hangs leaves time to ask the others."""
    with socket.create_server((HOST, 0)) as silent:
        url = sentinels.url.replace("@", f"@{HOST}:{silent.getsockname()[1]},")
        assert works(RedisTokenStore(url, timeout_seconds=1))


def test_unknown_service(sentinels: Sentinels, caplog: pytest.LogCaptureFixture) -> None:
    """A service that Sentinel does not know raises StoreError, and the log holds no password."""
    tokens = RedisTokenStore(sentinels.url.replace(SERVICE, "other"))
    with pytest.raises(StoreError):
        tokens.find_session("id")
    assert "canary" not in caplog.text


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """A cluster of three servers."""
    made = Cluster()
    yield made
    made.stop()


def test_cluster(cluster: Cluster) -> None:
    """A URL names some nodes of a cluster, of which one may be gone."""
    assert works(RedisTokenStore(cluster.url))
    known = cluster.url.rpartition(",")[2]
    assert works(RedisTokenStore(f"redis+cluster://{HOST}:1,{known}"))


def test_cluster_client(cluster: Cluster) -> None:
    """A client that redis-py has made for a cluster is accepted."""
    with RedisCluster(host=HOST, port=cluster.servers[0].port, decode_responses=True) as client:
        assert works(RedisTokenStore(client))


def test_slot_that_is_moved(cluster: Cluster) -> None:
    """While its slot is on the way to another node, a store answers nothing; then it follows."""
    tokens = RedisTokenStore(cluster.url)
    tokens.put(SESSION)
    source = cluster.owner("{persistauth}:")
    target = next(one for one in cluster.servers if one is not source)
    slot = source.run("CLUSTER", "KEYSLOT", "{persistauth}:")
    target.run("CLUSTER", "SETSLOT", slot, "IMPORTING", source.run("CLUSTER", "MYID"))
    source.run("CLUSTER", "SETSLOT", slot, "MIGRATING", target.run("CLUSTER", "MYID"))
    with pytest.raises(StoreError):
        tokens.find_session(SESSION.session_id)
    keys = source.run("CLUSTER", "GETKEYSINSLOT", slot, 1000)
    source.run("MIGRATE", HOST, target.port, "", 0, 5000, "KEYS", *keys)
    for one in (target, source):
        one.run("CLUSTER", "SETSLOT", slot, "NODE", target.run("CLUSTER", "MYID"))
    assert tokens.find_session(SESSION.session_id) == SESSION


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RedisServer, Path]]:
    """A Redis that speaks TLS only, and its certificate."""
    certificate, key = make_certificate(tmp_path_factory.mktemp("tls"))
    server = RedisServer(certificate=certificate, key=key)
    yield server, certificate
    server.stop()


def test_tls(encrypted: tuple[RedisServer, Path]) -> None:
    """rediss:// verifies the certificate."""
    server, certificate = encrypted
    url = f"rediss://{HOST}:{server.port}/0"
    trusting = "ssl_check_hostname=0"  # the certificate is that of a name
    assert works(RedisTokenStore(f"{url}?ssl_ca_certs={certificate}&{trusting}"))
    for untrusted in (url, url.replace("rediss", "redis")):
        with pytest.raises(StoreError):
            RedisTokenStore(untrusted).find_session("id")


def test_tls_by_sentinel(encrypted: tuple[RedisServer, Path]) -> None:
    """rediss+sentinel:// encrypts to Sentinel and to the primary."""
    server, certificate = encrypted
    sentinels = Sentinels(1, encrypted=server)
    try:
        query = f"?ssl_ca_certs={certificate}&ssl_check_hostname=0"
        assert works(RedisTokenStore(sentinels.url + query))
        with pytest.raises(StoreError):
            RedisTokenStore(sentinels.url).find_session("id")
    finally:
        sentinels.stop()


def test_client_with_a_socket(redis: RedisDatabase) -> None:
    """A client of the app's own is used as it is, with the timeout of the store."""
    with Redis.from_url(redis.url, decode_responses=True, socket_timeout=None) as client:
        assert works(RedisTokenStore(client, timeout_seconds=2))
        assert client.connection_pool.connection_kwargs["socket_timeout"] == 2
