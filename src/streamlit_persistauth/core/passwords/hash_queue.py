"""Schedule password hashes fairly between networks."""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import Final

LONGEST: Final = 8
"""The maximum of running and waiting hashes per network; further ones are rejected."""


class HashQueue:
    """Limits the number of concurrent hashes and serves networks round robin.

    Each network has its own queue. A free worker goes to the network that has waited longest. A
    caller therefore waits for at most one hash of each other network and for those of its own
    network, regardless of how many an attacker requests.
    """

    def __init__(self, workers: int, *, longest: int = LONGEST) -> None:
        self._free = workers
        self._longest = longest
        self._lock = Lock()
        self._waiting: OrderedDict[str, deque[Event]] = OrderedDict()
        self._places: Counter[str] = Counter()

    def enter(self, network: str) -> bool:
        """Reserve a place for a network; return whether one was free.

        Args:
            network: The network of the caller; empty for a program, which is not limited.
        """
        with self._lock:
            if network and self._places[network] >= self._longest:
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
