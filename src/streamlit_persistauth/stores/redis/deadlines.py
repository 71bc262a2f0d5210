"""Limits a call to Redis as a whole: connecting, encryption, sign-in, sending and reading."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import local
from time import monotonic
from typing import TYPE_CHECKING, Any

from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

if TYPE_CHECKING:
    from redis.connection import Connection
else:
    Connection = object  # it is put before the kind of connection that a client has


class _Call(local):
    """The call of this thread."""

    ends_at: float | None = None


_call = _Call()


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Limit what this thread does with connections of `limit` inside the block.

    Inside another block, the earlier of both deadlines applies.
    """
    outer, ends_at = _call.ends_at, monotonic() + seconds
    _call.ends_at = ends_at if outer is None else min(outer, ends_at)
    try:
        yield
    finally:
        _call.ends_at = outer


def remaining() -> float:
    """Return the seconds that are left of this thread's call.

    Raises:
        TimeoutError: None are left.
    """
    left = (_call.ends_at or 0) - monotonic()
    if left <= 0:
        raise TimeoutError("the deadline of the call has passed")
    return left


class LimitedConnection(Connection):
    """Ends each step by the deadline of the call.

    redis-py has a timeout for each step, and a call is up to a dozen steps.
    """

    _socket_timeout: float | None = None
    _socket_connect_timeout: float | None = None

    @property
    def socket_timeout(self) -> float | None:
        return self._socket_timeout if _call.ends_at is None else remaining()

    @socket_timeout.setter
    def socket_timeout(self, value: float | None) -> None:
        self._socket_timeout = value

    @property
    def socket_connect_timeout(self) -> float | None:
        return self._socket_connect_timeout if _call.ends_at is None else remaining()

    @socket_connect_timeout.setter
    def socket_connect_timeout(self, value: float | None) -> None:
        self._socket_connect_timeout = value

    def send_packed_command(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        self._limit()
        send: Any = super().send_packed_command
        return send(*arguments, **options)

    def read_response(self, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        self._limit()
        return super().read_response(*arguments, **options)

    def _limit(self) -> None:
        if self._sock is None or _call.ends_at is None:
            return
        try:
            self._sock.settimeout(remaining())
        except TimeoutError:
            self.disconnect()  # or the next call reads the response to this one
            raise


def limit(client: Redis, timeout: float) -> None:
    """Let the connections of a client keep the deadline of each call, and repeat nothing.

    Args:
        client: A client for one server.
        timeout: The timeout of calls without a deadline, in seconds.
    """
    pool: Any = client.connection_pool
    if not issubclass(pool.connection_class, LimitedConnection):
        kind = pool.connection_class
        pool.connection_class = type(f"Limited{kind.__name__}", (LimitedConnection, kind), {})
    client.set_retry(Retry(NoBackoff(), 0))
    pool.connection_kwargs.update(socket_timeout=timeout, socket_connect_timeout=timeout)
    pool.reset()  # connections that were opened before have no deadline
