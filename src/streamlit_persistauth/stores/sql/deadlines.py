"""Limits how long a call of a database takes, whatever its driver does.

Drivers have no common timeout, and a server that is stopped still acknowledges what it receives.
So one thread watches the running calls, and shuts down the sockets of those that take too long.
"""

import os
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager, suppress
from threading import Event, Lock, Thread, local
from time import monotonic, sleep
from typing import Any, Final

from sqlalchemy import Dialect, Engine, event

TICK_SECONDS: Final = 0.1
"""How often the deadlines of running calls are checked."""


class DeadlineExceeded(TimeoutError):
    """The database did not answer in time."""


class Call:
    """One call of a database, on one thread.

    Attributes:
        seconds: How long it may take.
        began: When it began, by the monotonic clock.
        ends_at: Its deadline, by the same clock.
        is_over: Whether it was interrupted at its deadline.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self.began = monotonic()
        self.ends_at = self.began + seconds
        self.is_over = False
        self._connections: list[Any] = []

    @property
    def remaining(self) -> float:
        """The seconds until the deadline; 0 after it."""
        return max(0.0, self.ends_at - monotonic())

    def use(self, connection: Any) -> None:  # noqa: ANN401 - of any driver
        """Have the deadline apply to a connection of the driver.

        Raises:
            DeadlineExceeded: The deadline is over.
        """
        with _watchdog.lock:
            if self.is_over:
                raise DeadlineExceeded
            self._connections.append(connection)

    def release(self, connection: Any) -> None:  # noqa: ANN401 - of any driver
        """Leave a connection to other calls."""
        with _watchdog.lock:
            self._connections = [used for used in self._connections if used is not connection]

    def interrupt(self) -> None:
        """Shut down the sockets of the connections, so that the driver stops waiting."""
        self.is_over = True
        for connection in self._connections:
            _shut_down(connection)


def current_call() -> Call | None:
    """Return the call that this thread is in, or None."""
    return getattr(_thread, "call", None)


@contextmanager
def deadline(seconds: float) -> Iterator[Call]:
    """Limit the block, which uses connections of watched engines; an outer limit stays."""
    call = current_call()
    if call is not None:
        yield call
        return
    call = _thread.call = Call(seconds)
    _watchdog.add(call)
    try:
        yield call
    finally:
        _watchdog.remove(call)
        _thread.call = None


@contextmanager
def later_deadline(seconds: float) -> Iterator[None]:
    """Allow a block within a call to take longer; what follows it has the usual time again."""
    call = current_call()
    if call is None:
        yield
        return
    call.ends_at = monotonic() + seconds
    try:
        yield
    finally:
        call.ends_at = monotonic() + call.seconds


def watch(engine: Engine) -> None:
    """Have the deadlines of calls apply to the connections of an engine."""
    if not event.contains(engine, "checkout", _use):
        event.listen(engine, "connect", _use, insert=True)  # before the first statement
        event.listen(engine, "checkout", _use, insert=True)
        event.listen(engine, "checkin", _release)


def limit_connecting(engine: Engine) -> None:
    """Have the deadlines of calls apply to the opening of connections too."""
    event.listen(engine, "do_connect", _connect)


def _use(connection: Any, *_rest: object) -> None:  # noqa: ANN401 - of any driver
    call = current_call()
    if call is not None:
        call.use(connection)


def _release(connection: Any, record: Any) -> None:  # noqa: ANN401 - of any driver
    call = current_call()
    if call is not None:
        call.release(connection)
        if call.is_over:
            record.invalidate()  # the call may have ended just before it was interrupted


def _connect(
    dialect: Dialect, _record: object, arguments: list[Any], options: dict[str, Any]
) -> Any:  # noqa: ANN401 - of any driver
    """Open a connection on another thread, and wait until the deadline.

    The time-out of a driver applies to each address of each host again, and not to the look-up of
    names. It ends the thread.

    Raises:
        DeadlineExceeded: There was no connection in time.
    """
    call = current_call()
    if call is None:
        return None  # SQLAlchemy connects
    if not call.remaining:
        raise DeadlineExceeded
    opened: Future[Any] = Future()
    Thread(
        target=_settle,
        args=(opened, lambda: dialect.connect(*arguments, **options)),
        name="persistauth-connect",
        daemon=True,
    ).start()
    try:
        return opened.result(call.remaining)
    except FutureTimeout:
        if opened.cancel():
            call.is_over = True
            raise DeadlineExceeded from None
        return opened.result()


def _settle(opened: "Future[Any]", connect: Callable[[], Any]) -> None:
    """Set the result of a future; close the connection if no caller waits any more."""
    try:
        connection = connect()
    except BaseException as error:  # noqa: BLE001 - raised by the waiting thread
        if opened.set_running_or_notify_cancel():
            opened.set_exception(error)
        return
    if opened.set_running_or_notify_cancel():
        opened.set_result(connection)
    else:
        with suppress(Exception):
            connection.close()


def _shut_down(connection: Any) -> None:  # noqa: ANN401 - of any driver
    """Shut down the socket of a connection that another thread uses; that thread closes it."""
    with suppress(Exception):  # it may be closed already
        holder = connection if hasattr(connection, "fileno") else connection._sock  # noqa: SLF001 - PyMySQL
        shared = socket.socket(fileno=holder.fileno())
        try:
            shared.shutdown(socket.SHUT_RDWR)
        finally:
            shared.detach()


class _Watchdog:
    """Interrupts the calls of this process that are over their deadline."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget all calls; a forked process has none, and no thread that watches."""
        self.lock = Lock()
        self._calls: set[Call] = set()
        self._awake = Event()
        self._thread: Thread | None = None

    def add(self, call: Call) -> None:
        """Watch a call."""
        with self.lock:
            self._calls.add(call)
            if self._thread is None:
                self._thread = Thread(target=self._run, name="persistauth-deadlines", daemon=True)
                self._thread.start()
        if not self._awake.is_set():
            self._awake.set()

    def remove(self, call: Call) -> None:
        """Watch a call no longer."""
        with self.lock:
            self._calls.discard(call)

    def _run(self) -> None:
        while True:
            self._awake.wait()
            # Other calls begin and end meanwhile; none of them has to wake this thread.
            sleep(TICK_SECONDS)
            with self.lock:
                now = monotonic()
                for call in [call for call in self._calls if call.ends_at <= now]:
                    self._calls.discard(call)
                    call.interrupt()
                if not self._calls:
                    self._awake.clear()


_thread = local()
_watchdog: Final = _Watchdog()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_watchdog.reset)
