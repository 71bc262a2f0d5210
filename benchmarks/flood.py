"""Measure a sign-in while another network floods the app with attempts.

In every round one bcrypt hash of the same cost is timed first, as the floor. Then 45 attempts of
one network start at once, and right after them a sign-in with the correct password from another
network. A ratio is the median over the rounds of the time of that sign-in divided by the floor of
the same round. The first round warms up. The sign-in is `Accounts.authenticate` on SQLite: the
throttle, one hash, the event.

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
ATTACKER = Client("203.0.113.7")
OWNER = Client("198.51.100.1")
ATTEMPTS = 45
ROUNDS_OF_BCRYPT = 12


def seconds_of(work: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def sign_in(services: Services) -> float:
    """Sign in from another network; return the seconds that it takes."""
    return seconds_of(lambda: services.accounts.authenticate(EMAIL, PASSWORD, client=OWNER))


class Flood:
    """Simultaneous attempts of one network."""

    def __init__(self, services: Services, size: int) -> None:
        """Prepare the threads. Each uses another email address, so no account is throttled."""
        self.answers: Counter[str] = Counter()
        self._services = services
        self._start = Barrier(size + 1)
        self._threads = [Thread(target=self._try) for _ in range(size)]

    def __enter__(self) -> Self:
        """Start all attempts."""
        for thread in self._threads:
            thread.start()
        self._start.wait()
        return self

    def __exit__(self, *_: object) -> None:
        """Wait for all attempts."""
        for thread in self._threads:
            thread.join()

    def _try(self) -> None:
        email = f"{secrets.token_hex(8)}@example.com"
        self._start.wait()
        try:
            self._services.accounts.authenticate(email, PASSWORD, client=ATTACKER)
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
            # A new database each time, since the flood uses up the attempts of its network.
            services = services_for(AppConfig(f"sqlite:///{home / f'{number}.db'}", settings))
            stack.callback(services.database.engine.dispose)
            services.accounts.register(EMAIL, PASSWORD)
            floor = seconds_of(lambda: hasher.verify(PASSWORD, stored))
            quiet = sign_in(services)
            with Flood(services, ATTEMPTS) as flood:
                busy = sign_in(services)
            if number:
                alone.append(quiet / floor)
                crowded.append(busy / floor)
                answers += flood.answers
    print(f"{MAX_WORKERS} worker(s), {rounds} rounds, {ATTEMPTS} attempts at once from one network")
    print(f"the sign-in alone:             {median(alone):.2f} of one hash")
    print(f"the sign-in during the flood:  {median(crowded):.2f} of one hash")
    print(f"slowest round: {max(crowded):.2f}; answers to the flood: {dict(answers)}")


if __name__ == "__main__":
    main()
