"""Schedule password hashes fairly between networks."""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import Final

LEAST: Final = 8
"""The number of running and waiting hashes that each network may have."""
MOST: Final = 32
"""The number that a network may have while no other one waits: a wait of 8 seconds or so.

It is below the number of attempts that are free for a network (`throttle.limits.PASSWORDS`), which
are counted while they wait, so right passwords of an office do not make it wait.
"""


class HashQueue:
    """Limits the number of concurrent hashes and serves networks round robin.

    Each network has its own queue. A free worker goes to the network that has waited longest. A
    caller therefore waits for at most one hash of each other network and for those of its own
    network, regardless of how many an attacker requests.

    A network may have `most` hashes running and waiting. That number is divided by the number of
    networks that wait, because each of them makes the wait longer, but is `least` at least.
    """

    def __init__(self, workers: int, *, least: int = LEAST, most: int = MOST) -> None:
        self._free = workers
        self._least = least
        self._most = most
        self._lock = Lock()
        self._waiting: OrderedDict[str, deque[Event]] = OrderedDict()
        self._places: Counter[str] = Counter()

    def enter(self, network: str) -> bool:
        """Reserve a place for a network; return whether one was free.

        Args:
            network: The network of the caller; empty for a program, which is not limited.
        """
        with self._lock:
            waiting = len(self._waiting.keys() | {network})
            places = max(self._least, self._most // waiting)
            if network and self._places[network] >= places:
                return False
            self._places[network] += 1
            return True

    def leave(self, network: str) -> None:
        """Release a place."""
        with self._lock:
            self._places[network] -= 1
            if not self._places[network]:
                del self._places[network]

    @contextmanager
    def worker(self, network: str) -> Iterator[None]:
        """Hold a worker, after waiting until one is free for this network."""
        ticket = self._ticket(network)
        if ticket is not None:
            ticket.wait()
        try:
            yield
        finally:
            self._release_worker()

    def _ticket(self, network: str) -> Event | None:
        """Take a free worker and return None; otherwise return an event for the assignment."""
        with self._lock:
            if self._free:
                self._free -= 1
                return None
            ticket = Event()
            self._waiting.setdefault(network, deque()).append(ticket)
            return ticket

    def _release_worker(self) -> None:
        """Assign the worker to the network that has waited longest, if any waits."""
        with self._lock:
            if not self._waiting:
                self._free += 1
                return
            network, tickets = self._waiting.popitem(last=False)
            tickets.popleft().set()
            if tickets:
                self._waiting[network] = tickets
