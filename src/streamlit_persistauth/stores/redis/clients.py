"""Reads where Redis is: from a URL, or from a client of redis-py."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlencode

from redis import ConnectionPool, Redis, RedisError
from redis.cluster import RedisCluster
from redis.connection import Connection, SSLConnection, parse_url
from redis.crc import key_slot
from redis.sentinel import SentinelConnectionPool

from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.stores.redis.primary import (
    Address,
    FixedPrimary,
    FoundPrimary,
    Options,
    Primary,
    ask_cluster,
    ask_sentinel,
)

Source = str | Redis | RedisCluster

SETTING: Final = "PERSISTAUTH_TOKEN_STORE_URL"
SENTINEL_PORT: Final = 26379
REDIS_PORT: Final = 6379
EXAMPLES: Final = (
    "a URL such as redis://host:6379/0, redis+sentinel://host1:26379,host2:26379/mymaster or "
    "redis+cluster://host1:6379,host2:6379 is expected; rediss, rediss+sentinel and "
    "rediss+cluster encrypt."
)
DRIVERS_OWN: Final = ("cache", "event", "himport", "host", "maint", "orig", "oss", "port", "retry")
"""How options begin that redis-py adds to those of a `RedisCluster`."""
NOT_OF_CONNECTIONS: Final = frozenset({"connection_class", "max_connections"})
"""Options that a pool takes for itself."""


def primary_of(source: Source, *, key: str, timeout: float) -> Primary:
    """Return what finds the server of an app's keys; no connection is opened yet.

    Args:
        source: A URL, or a client of redis-py.
        key: A key of the app.
        timeout: The timeout of calls without a deadline, in seconds.

    Raises:
        ConfigError: The URL is invalid.
    """
    if isinstance(source, str):
        return _from_url(source, key, timeout)
    if isinstance(source, RedisCluster):
        return _from_cluster(source, key, timeout)
    if isinstance(source.connection_pool, SentinelConnectionPool):
        return _from_sentinel(source.connection_pool, timeout)
    return FixedPrimary(source, timeout)


def open_redis(url: str) -> Redis:
    """Return a client for one server: `redis://`, `rediss://` or `unix://`.

    No connection is opened yet.

    Raises:
        ConfigError: The URL is invalid.
    """
    return Redis(connection_pool=ConnectionPool(**_options(url)))


def _from_url(url: str, key: str, timeout: float) -> Primary:
    scheme, _, rest = url.partition("://")
    if scheme in ("redis", "rediss", "unix"):
        return FixedPrimary(open_redis(url), timeout)
    encryption, _, kind = scheme.partition("+")
    if encryption not in ("redis", "rediss") or kind not in ("sentinel", "cluster"):
        raise ConfigError(SETTING, EXAMPLES)
    several = _Several.read(encryption, rest)
    if kind == "cluster":
        return several.to_cluster(key, timeout)
    return several.to_sentinel(timeout)


@dataclass(frozen=True)
class _Several:
    """A URL that names several servers.

    Attributes:
        urls: A URL for each server, without path and options.
        path: The path of the URL, without the first slash.
        query: The options of the URL.
    """

    urls: tuple[str, ...]
    path: str
    query: Mapping[str, str]

    @classmethod
    def read(cls, scheme: str, rest: str) -> "_Several":
        rest, _, query = rest.partition("?")
        authority, _, path = rest.partition("/")
        user, at, hosts = authority.rpartition("@")
        urls = tuple(f"{scheme}://{user}{at}{host}" for host in hosts.split(","))
        return cls(urls, path.rstrip("/"), dict(parse_qsl(query)))

    def to_cluster(self, key: str, timeout: float) -> FoundPrimary:
        if self.path not in ("", "0") or self.query.get("db", "0") != "0":
            raise ConfigError(
                SETTING,
                "Redis Cluster has no numbered databases: redis+cluster://host1:6379,host2:6379 "
                "is expected.",
            )
        nodes, options = self._read_options(self.query, REDIS_PORT)
        return _cluster(nodes, options, key, timeout)

    def to_sentinel(self, timeout: float) -> FoundPrimary:
        service, _, database = self.path.partition("/")
        if not service or not (database or "0").isdecimal():
            raise ConfigError(
                SETTING,
                "the service that Sentinel watches is missing: "
                "redis+sentinel://host1:26379,host2:26379/mymaster is expected, or "
                "…/mymaster/1 for database 1.",
            )
        query = {
            name: value
            for name, value in self.query.items()
            if name not in ("sentinel_username", "sentinel_password")
        }
        nodes, options = self._read_options({"db": database or "0", **query}, SENTINEL_PORT)
        return FoundPrimary(
            nodes,
            ask_sentinel(unquote(service)),
            options=options,
            node_options={
                **options,
                "db": 0,
                "username": self.query.get("sentinel_username"),
                "password": self.query.get("sentinel_password"),
            },
            timeout=timeout,
        )

    def _read_options(
        self, query: Mapping[str, str], port: int
    ) -> tuple[list[Address], dict[str, Any]]:
        nodes, options = [], {}
        for url in self.urls:
            options = _options(f"{url}?{urlencode(query)}")
            nodes.append((options.pop("host", ""), options.pop("port", port)))
        if not all(host for host, _ in nodes):
            raise ConfigError(SETTING, EXAMPLES)
        return nodes, options


def _from_cluster(cluster: Any, key: str, timeout: float) -> FoundPrimary:  # noqa: ANN401
    nodes = cluster.get_nodes()
    pool = cluster.get_redis_connection(nodes[0]).connection_pool
    return _cluster([(node.host, node.port) for node in nodes], _taken_from(pool), key, timeout)


def _from_sentinel(pool: Any, timeout: float) -> FoundPrimary:  # noqa: ANN401 - untyped
    sentinels = [one.connection_pool for one in pool.sentinel_manager.sentinels]
    encrypts = issubclass(pool.connection_class, SSLConnection)
    return FoundPrimary(
        [(one.connection_kwargs["host"], one.connection_kwargs["port"]) for one in sentinels],
        ask_sentinel(pool.service_name),
        options={
            **_taken_from(pool),
            "connection_class": SSLConnection if encrypts else Connection,
        },
        node_options=_taken_from(sentinels[0]),
        timeout=timeout,
    )


def _cluster(nodes: list[Address], options: Options, key: str, timeout: float) -> FoundPrimary:
    if "{" not in key:
        raise ConfigError("prefix", "on Redis Cluster it needs braces, such as '{shop}:'.")
    return FoundPrimary(
        nodes,
        ask_cluster(key_slot(key.encode())),
        options=options,
        node_options=options,
        timeout=timeout,
    )


def _taken_from(pool: ConnectionPool) -> Options:
    """Return the options of the connections of a pool."""
    options = {
        name: value
        for name, value in pool.connection_kwargs.items()
        if not name.startswith((*DRIVERS_OWN, "connection_pool", "parser_class"))
    }
    return {**options, "connection_class": pool.connection_class}


def _options(url: str) -> Options:
    """Return the options of the connections to a server.

    Raises:
        ConfigError: The URL is invalid.
    """
    read: Callable[[str], Options] = parse_url
    try:
        options = read(url)
        options["decode_responses"] = True
        kind = options.get("connection_class", Connection)
        kind(**{name: options[name] for name in options.keys() - NOT_OF_CONNECTIONS})
    except (ValueError, TypeError, RedisError):
        raise ConfigError(SETTING, EXAMPLES) from None
    return options
