"""A bad network between a client and a server: it loses answers, or is slow."""

import socket
from contextlib import suppress
from threading import Event, Thread

from tests.support.server import HOST


class TCPProxy:
    """Passes on what a client and a server on this machine send each other.

    Attributes:
        port: Where clients connect to.
        loses_answer_to: The connection breaks before the answer to a request with this, once.
        delay: Seconds that each answer is late.
    """

    def __init__(self, port: int) -> None:
        """Pass on to the server on a port."""
        self._target = port
        self._stopped = Event()
        self._listener = socket.create_server((HOST, 0))
        self.port = self._listener.getsockname()[1]
        self.loses_answer_to = b""
        self.delay = 0.0
        Thread(target=self._accept, daemon=True).start()

    def stop(self) -> None:
        """Accept no more connections."""
        self._stopped.set()
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        """Pass on one request after the other, each with its answer."""
        with suppress(OSError), client, socket.create_connection((HOST, self._target)) as server:
            while request := client.recv(65536):
                server.sendall(request)
                answer = server.recv(65536)
                if self.loses_answer_to and self.loses_answer_to in request:
                    self.loses_answer_to = b""
                    return
                if self._stopped.wait(self.delay):
                    return
                client.sendall(answer)
