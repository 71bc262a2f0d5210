"""Servers that accept connections and do not answer, or answer late."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

from tests.support.server import HOST


@contextmanager
def black_hole() -> Iterator[int]:
    """Listen on a port, and never answer; yield the port."""
    with socket.create_server((HOST, 0), backlog=128) as listener:
        yield listener.getsockname()[1]


class SlowProxy:
    """Passes each piece of data on to a server, after a delay.

    Attributes:
        port: Where it listens.
        seconds: The delay in each direction.
    """

    def __init__(self, target: int) -> None:
        """Stand before a port of this machine."""
        self.seconds = 0.0
        self._target = target
        self._closed = Event()
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server((HOST, 0), backlog=128)
        self.port = self._listener.getsockname()[1]
        Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Close all connections."""
        self._closed.set()
        for one in (self._listener, *self._sockets):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._closed.is_set():
                client, _ = self._listener.accept()
                server = socket.create_connection((HOST, self._target))
                self._sockets += [client, server]
                for source, sink in ((client, server), (server, client)):
                    Thread(target=self._pass_on, args=(source, sink), daemon=True).start()

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._closed.wait(self.seconds)
                sink.sendall(data)
        with suppress(OSError):
            sink.shutdown(socket.SHUT_RDWR)
