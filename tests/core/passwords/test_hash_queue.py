"""The fair scheduling of hashes between networks."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import bcrypt
import pytest
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp

from streamlit_persistauth.core.passwords import checks, hasher
from streamlit_persistauth.core.passwords.hash_queue import LEAST, MOST, HashQueue
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.errors import AuthError, Busy, InvalidCredentials
from streamlit_persistauth.models import Client

SECONDS = 20


class Line:
    """Threads that wait for one worker in a known order."""

    def __init__(self, queue: HashQueue) -> None:
        """Start with a free worker."""
        self.queue = queue
        self.served: list[str] = []
        self._threads: list[Thread] = []

    def join(self, network: str) -> None:
        """Request the worker on another thread; return when it waits."""
        before = self.waiting
        thread = Thread(target=self._use_worker, args=(network,))
        self._threads.append(thread)
        thread.start()
        while self.waiting == before and thread.is_alive():
            thread.join(0.001)

    @property
    def waiting(self) -> int:
        """Return the number of waiting threads."""
        with self.queue._lock:
            return sum(map(len, self.queue._waiting.values()))

    def finish(self) -> list[str]:
        """Wait for all threads; return their networks in the order of service."""
        for thread in self._threads:
            thread.join(SECONDS)
            assert not thread.is_alive()
        return self.served

    def _use_worker(self, network: str) -> None:
        with self.queue.worker(network):
            self.served.append(network)


@pytest.mark.parametrize(
    ("arriving", "served"),
    [
        ("AAAB", "ABAA"),
        ("AAABBC", "ABCABA"),
        ("ABAB", "ABAB"),
        ("AAAA", "AAAA"),
    ],
)
def test_turns(arriving: str, served: str) -> None:
    """A waiting network is served after one hash of each other network."""
    line = Line(HashQueue(1))
    with line.queue.worker("first"):
        for network in arriving:
            line.join(network)
    assert "".join(line.finish()) == served


def test_workers() -> None:
    """The number of concurrent hashes is limited, and an error releases the worker."""
    queue = HashQueue(2)
    with pytest.raises(ZeroDivisionError), queue.worker("A"), queue.worker("A"):
        raise ZeroDivisionError
    with queue.worker("A"), queue.worker("B"):
        line = Line(queue)
        line.join("C")
        assert line.waiting == 1
    assert line.finish() == ["C"]


def test_places() -> None:
    """Each network has some places; programs are not limited."""
    queue = HashQueue(1, most=2, least=1)
    assert [queue.enter("A") for _ in range(3)] == [True, True, False]
    assert queue.enter("B")
    assert all(queue.enter("") for _ in range(10))
    queue.leave("A")
    assert queue.enter("A")


@pytest.mark.parametrize(("waiting", "places"), [("", 12), ("A", 12), ("B", 6), ("BCDE", 3)])
def test_places_while_others_wait(waiting: str, places: int) -> None:
    """A network has fewer places the more other networks wait, down to a minimum."""
    queue = HashQueue(1, most=12, least=3)
    line = Line(queue)
    with queue.worker("first"):
        for network in waiting:
            line.join(network)
        assert [queue.enter("A") for _ in range(places + 1)] == [True] * places + [False]
    line.finish()


def test_office_in_the_morning(core: CoreApp, one_worker: HashQueue) -> None:
    """All of thirty-two people behind one address who sign in at once are signed in."""
    people = [f"v{number}@example.com" for number in range(MOST)]
    for email in people:
        core.add_user(email)
    signed_in: list[str] = []

    def sign_in(email: str) -> None:
        signed_in.append(core.accounts.authenticate(email, PASSWORD, client=CLIENT).user.email)

    threads = [Thread(target=sign_in, args=(email,)) for email in people]
    with one_worker.worker("another program"):
        for thread in threads:
            thread.start()
        network = limits.network(CLIENT)
        while len(one_worker._waiting.get(network, ())) < MOST and any(
            map(Thread.is_alive, threads)
        ):
            threads[-1].join(0.001)
    for thread in threads:
        thread.join(SECONDS)
    assert sorted(signed_in) == sorted(people)
    assert core.tokens.count(limits.logins_from(CLIENT)[0].key) is None


def test_free_attempts() -> None:
    """As many attempts as wait are free, and some more, for passwords that were wrong before."""
    assert LEAST < MOST < limits.PASSWORDS.free - LEAST


def test_nothing_is_left() -> None:
    """Networks that have left use no memory."""
    queue = HashQueue(1)
    for number in range(100):
        assert queue.enter(f"N{number}")
        with queue.worker(f"N{number}"):
            pass
        queue.leave(f"N{number}")
    assert not queue._places
    assert not queue._waiting


@contextmanager
def crowd(core: CoreApp, size: int) -> Iterator[list[str]]:
    """Make concurrent attempts from one network; the first hash takes as long as the block.

    Yields:
        The codes of the answers so far.
    """
    answers: list[str] = []
    begun, go_on = Event(), Event()
    real = bcrypt.hashpw

    def hashpw(password: bytes, salt: bytes) -> bytes:
        begun.set()
        assert go_on.wait(SECONDS)
        return real(password, salt)

    def guess(number: int) -> None:
        try:
            core.accounts.authenticate(f"v{number}@example.com", PASSWORD, client=CLIENT)
        except AuthError as refusal:
            answers.append(refusal.code)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bcrypt, "hashpw", hashpw)
        threads = [Thread(target=guess, args=(number,)) for number in range(size)]
        for thread in threads:
            thread.start()
        assert begun.wait(SECONDS)
        # All attempts without a place are answered while the first hash is being computed.
        for thread in threads:
            if sum(map(Thread.is_alive, threads)) == MOST:
                break
            thread.join(0.01)
        while sum(map(Thread.is_alive, threads)) > MOST:
            threads[-1].join(0.001)
        try:
            yield answers
        finally:
            go_on.set()
            for thread in threads:
                thread.join(SECONDS)


@pytest.fixture
def one_worker(monkeypatch: pytest.MonkeyPatch) -> HashQueue:
    """A queue with one worker."""
    queue = HashQueue(1)
    for module in (checks, hasher):
        monkeypatch.setattr(module, "QUEUE", queue)
    return queue


@pytest.mark.usefixtures("one_worker")
def test_crowd(core: CoreApp) -> None:
    """Of 45 concurrent attempts a few wait; the others are told to try again and not counted."""
    with crowd(core, 45) as answers:
        assert answers == ["busy"] * (45 - MOST)
        with pytest.raises(Busy):
            core.accounts.authenticate(EMAIL, PASSWORD, client=CLIENT)
    assert answers.count("invalid_credentials") == MOST
    (network,) = limits.logins_from(CLIENT)
    counter = core.tokens.count(network.key)
    assert counter is not None
    assert counter.tries == MOST


def test_elsewhere(core: CoreApp, one_worker: HashQueue) -> None:
    """Meanwhile a right password from another network waits for one hash."""
    core.add_user()
    order: list[str] = []
    worker = one_worker.worker

    @contextmanager
    def watched(network: str) -> Iterator[None]:
        with worker(network):
            order.append(network)
            yield

    one_worker.worker = watched  # type: ignore[method-assign]
    elsewhere = Client("198.51.100.1")
    with crowd(core, 45):
        owner = Thread(
            target=core.accounts.authenticate, args=(EMAIL, PASSWORD), kwargs={"client": elsewhere}
        )
        owner.start()
        while "198.51.100.1" not in one_worker._waiting and owner.is_alive():
            owner.join(0.001)
    owner.join(SECONDS)
    assert order.index("198.51.100.1") <= 2
    assert len(order) == MOST + 1


@pytest.mark.usefixtures("one_worker")
def test_other_ways(core: CoreApp) -> None:
    """Registration and reauthentication use the same queue; an invalid link does not."""
    user = core.add_user()
    with crowd(core, 45):
        with pytest.raises(Busy):
            core.accounts.register("bob@example.com", PASSWORD, client=CLIENT)
        with pytest.raises(Busy):
            core.accounts.reauthenticate(user.id, PASSWORD, client=CLIENT)
    core.accounts.register("bob@example.com", PASSWORD, client=CLIENT)
    with pytest.raises(InvalidCredentials):
        core.accounts.authenticate("v@example.com", PASSWORD, client=CLIENT)


def test_told(core: CoreApp, one_worker: HashQueue) -> None:
    """An attempt without a place is recorded as an event."""
    network = limits.network(CLIENT)
    while one_worker.enter(network):
        pass
    with pytest.raises(Busy):
        core.accounts.authenticate(EMAIL, PASSWORD, client=CLIENT)
    event = core.events.records[-1]
    assert (event.event_type, event.details) == ("throttled", {"purpose": "queue"})
