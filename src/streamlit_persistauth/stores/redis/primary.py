"""Finds the server that holds the keys of an app: the primary, which changes at a failover."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from redis import ConnectionError as RedisConnectionError
from redis import ConnectionPool, Redis, RedisError
from redis import TimeoutError as RedisTimeoutError
from redis.exceptions import ClusterDownError, MovedError, ReadOnlyError

from streamlit_persistauth.stores.redis.deadlines import deadline, limit, remaining

Address = tuple[str, int]
Options = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What a node knows: the address of the primary, and other nodes to ask."""

    primary: Address | None
    nodes: Sequence[Address] = ()


Question = Callable[[Any, Address], Answer]
"""Asks a node, by a client for it and its address."""


class Primary(Protocol):
    """Finds the server that holds the keys of an app."""

    def client(self) -> Redis:
        """Return a client for it; call it within a `deadline`.

        Raises:
            RedisError: It can't be found.
        """
        ...

    def forget(self, client: Redis) -> None:
        """Find it again, and connect again, at the next call; this client failed."""
        ...


class FixedPrimary:
    """A server with a fixed address."""

    def __init__(self, client: Redis, timeout: float) -> None:
        limit(client, timeout)
        self._client = client

    def client(self) -> Redis:
        return self._client

    def forget(self, client: Redis) -> None:
        # The name may lead to another server now.
        _close_idle(client)


class FoundPrimary:
    """A server whose address Sentinel, or the nodes of a cluster, know."""

    def __init__(
        self,
        nodes: Sequence[Address],
        ask: Question,
        *,
        options: Options,
        node_options: Options,
        timeout: float,
    ) -> None:
        """Configure the search; no connection is opened yet.

        Args:
            nodes: The nodes to ask.
            ask: Asks one of them.
            options: Options of redis-py for the primary.
            node_options: The same for the nodes.
            timeout: The timeout of calls without a deadline, in seconds.
        """
        self._nodes = tuple(nodes)
        self._ask = ask
        self._options = options
        self._node_options = node_options
        self._timeout = timeout
        self._client: Redis | None = None

    def client(self) -> Redis:
        client = self._client
        if client is None:
            client = self._client = self._open(self._find(), self._options)
        return client

    def forget(self, client: Redis) -> None:
        if self._client is client:
            self._client = None
        _close_idle(client)

    def _find(self) -> Address:
        nodes, faults = self._nodes, []
        for position, node in enumerate(nodes):
            try:
                # A node that hangs leaves time for the others.
                with (
                    deadline(remaining() / (len(nodes) - position + 1)),
                    self._open(node, self._node_options) as client,
                ):
                    answer = self._ask(client, node)
            except (RedisError, OSError) as error:
                faults.append(error)
                continue
            if answer.primary is not None:
                self._nodes = tuple(dict.fromkeys([node, *answer.nodes, *nodes]))
                return answer.primary
        raise faults[-1] if faults else RedisConnectionError("no node knows the primary")

    def _open(self, address: Address, options: Options) -> Redis:
        host, port = address
        client = Redis(connection_pool=ConnectionPool(host=host, port=port, **options))
        limit(client, self._timeout)
        return client


def ask_sentinel(service: str) -> Question:
    """Return what asks a Sentinel for the primary of a service."""

    def ask(sentinel: Any, _address: Address) -> Answer:  # noqa: ANN401 - redis-py is half typed
        found = sentinel.execute_command("SENTINEL GET-MASTER-ADDR-BY-NAME", service)
        return Answer(None if found is None else (_text(found[0]), int(found[1])))

    return ask


def ask_cluster(slot: int) -> Question:
    """Return what asks a node of a cluster for the primary of a slot.

    `RedisCluster` of redis-py is not used for calls: it follows a slot that is being moved, and its
    new node does not know the keys that have not arrived. A client for one node raises an error.
    """

    def ask(member: Any, address: Address) -> Answer:  # noqa: ANN401 - redis-py is half typed
        ranges = member.execute_command("CLUSTER SLOTS")
        nodes = [_member(one, address) for _, _, *found in ranges for one in found]
        for first, last, primary, *_replicas in ranges:
            if first <= slot <= last:
                return Answer(_member(primary, address), nodes)
        return Answer(None)

    return ask


def may_have_moved(error: Exception) -> bool:
    """Return whether an error is cured by finding the primary again, and connecting again."""
    kinds = (
        RedisConnectionError,
        RedisTimeoutError,
        ReadOnlyError,
        MovedError,
        ClusterDownError,
        OSError,
    )
    # Older versions of redis-py have kinds for errors of a cluster only in its own client.
    return isinstance(error, kinds) or str(error).startswith(("MOVED ", "CLUSTERDOWN "))


def _close_idle(client: Redis) -> None:
    """Close the connections of a client that no other thread is using."""
    client.connection_pool.disconnect(inuse_connections=False)


def _member(node: Sequence[Any], asked: Address) -> Address:
    """Return the address of a node; one that does not know its own leaves it out."""
    return _text(node[0] or b"") or asked[0], int(node[1])


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value
