"""The order in which passwords are hashed: one network after the other."""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Lock
from typing import Final

LONGEST: Final = 8
"""Hashes of one network that are made or wait at one time; further ones are refused."""


class HashQueue:
    """Lets a few hashes be made at a time, and takes turns between networks.

    Each network has a queue of its own. When a worker is free, the network that has waited longest
    for a turn gets it. So a caller waits for at most one hash of each other network and for its
    own network's, however many an attacker asks for.
    """

    def __init__(self, workers: int, *, longest: int = LONGEST) -> None:
        """Set how many hashes are made at a time.

        Args:
            workers: How many.
            longest: How many of one network may be made or wait at a time.
        """
        self._free = workers
        self._longest = longest
        self._lock = Lock()
        self._waiting: OrderedDict[str, deque[Event]] = OrderedDict()
        self._places: Counter[str] = Counter()

    def enter(self, network: str) -> bool:
        """Take one of a network's places; return whether one was free.

        Args:
            network: Where the caller is; empty for a program, which is not limited.
        """
        with self._lock:
            if network and self._places[network] >= self._longest:
                return False
            self._places[network] += 1
            return True

    def leave(self, network: str) -> None:
        """Give a place back."""
        with self._lock:
            self._places[network] -= 1
            if not self._places[network]:
                del self._places[network]

    @contextmanager
    def turn(self, network: str) -> Iterator[None]:
        """Hold a worker; waits until it is this network's turn."""
        ticket = self._ticket(network)
        if ticket is not None:
            ticket.wait()
        try:
            yield
        finally:
            self._pass_on()

    def _ticket(self, network: str) -> Event | None:
        """Take a worker and return None, or return what is set when one has been handed over."""
        with self._lock:
            if self._free:
                self._free -= 1
                return None
            ticket = Event()
            self._waiting.setdefault(network, deque()).append(ticket)
            return ticket

    def _pass_on(self) -> None:
        """Hand the worker to the network whose turn it is, if any waits."""
        with self._lock:
            if not self._waiting:
                self._free += 1
                return
            network, tickets = self._waiting.popitem(last=False)
            tickets.popleft().set()
            if tickets:
                self._waiting[network] = tickets
