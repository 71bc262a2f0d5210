"""How long a right password waits while one network floods the app with tries.

In every round one hash is timed first, as the floor: bcrypt of the same cost, alone. Then 45 tries
of one network begin at once, and a right password from another network right after them. A ratio is
the median over the rounds of the time of that sign-in divided by the floor of the same round. The
first round warms up. The sign-in is `Accounts.authenticate` on SQLite: the throttle, one hash, the
event.

Run it on a quiet machine: `python benchmarks/flood.py`.
"""

import argparse
import logging
import secrets
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from threading import Barrier, Thread

from pydantic import SecretStr
from typing_extensions import Self

from streamlit_persistauth import AuthSettings
from streamlit_persistauth.core.passwords.hasher import MAX_WORKERS, PasswordHasher
from streamlit_persistauth.errors import AuthError
from streamlit_persistauth.models import Client
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

EMAIL = "ada@example.com"
PASSWORD = "plum-Kettle-93-orbit"
CROWD = Client("203.0.113.7")
ELSEWHERE = Client("198.51.100.1")
TRIES = 45
ROUNDS_OF_BCRYPT = 12


def seconds_of(work: Callable[[], object]) -> float:
    """Return how long something takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def sign_in(services: Services) -> float:
    """Sign in from elsewhere; return the seconds that it takes."""
    return seconds_of(lambda: services.accounts.authenticate(EMAIL, PASSWORD, client=ELSEWHERE))


class Crowd:
    """Tries of one network that begin at one time."""

    def __init__(self, services: Services, size: int) -> None:
        """Prepare the threads; each tries another address, so that no account is throttled."""
        self.answers: Counter[str] = Counter()
        self._services = services
        self._start = Barrier(size + 1)
        self._threads = [Thread(target=self._try) for _ in range(size)]

    def __enter__(self) -> Self:
        """Begin all tries."""
        for thread in self._threads:
            thread.start()
        self._start.wait()
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for the last answer."""
        for thread in self._threads:
            thread.join()

    def _try(self) -> None:
        email = f"{secrets.token_hex(8)}@example.com"
        self._start.wait()
        try:
            self._services.accounts.authenticate(email, PASSWORD, client=CROWD)
        except AuthError as refusal:
            self.answers[refusal.code] += 1


def main() -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=11)
    rounds = parser.parse_args().rounds
    logging.getLogger("streamlit_persistauth").setLevel(logging.CRITICAL)
    hasher = PasswordHasher(ROUNDS_OF_BCRYPT)
    stored = hasher.hash(PASSWORD)
    alone: list[float] = []
    crowded: list[float] = []
    answers: Counter[str] = Counter()
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = AuthSettings(
            jwt_secret_key=SecretStr(secrets.token_urlsafe(48)), bcrypt_rounds=ROUNDS_OF_BCRYPT
        )
        for number in range(rounds + 1):
            # An empty database each time: the crowd uses up the tries that its network has.
            services = services_for(AppConfig(f"sqlite:///{home / f'{number}.db'}", settings))
            stack.callback(services.database.engine.dispose)
            services.accounts.register(EMAIL, PASSWORD)
            floor = seconds_of(lambda: hasher.verify(PASSWORD, stored))
            quiet = sign_in(services)
            with Crowd(services, TRIES) as crowd:
                busy = sign_in(services)
            if number:
                alone.append(quiet / floor)
                crowded.append(busy / floor)
                answers += crowd.answers
    print(f"{MAX_WORKERS} worker(s), {rounds} rounds, {TRIES} tries at once from one network")
    print(f"a right password from elsewhere, alone:      {median(alone):.2f} of one hash")
    print(f"a right password from elsewhere, meanwhile:  {median(crowded):.2f} of one hash")
    print(f"slowest round: {max(crowded):.2f}; the crowd was answered {dict(answers)}")


if __name__ == "__main__":
    main()
