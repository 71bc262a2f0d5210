"""Measure a storm of sign-ins: many people of different networks arrive within a minute.

Each arrives on a thread of its own, at equal intervals, and signs in with the right password:
`Accounts.authenticate` (the throttle, bcrypt, the event) and `Sessions.start` on SQLite. Another
thread resumes a session every ten milliseconds, as a rerun does. Before the storm the idle resumes
and two floors are timed: bcrypt alone in as many threads as the library allows, and in as many as
there are processors.

Run it on a quiet machine: `python benchmarks/storm.py`.
"""

import argparse
import logging
import os
import secrets
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from statistics import median, quantiles

import bcrypt
from pydantic import SecretStr

from streamlit_persistauth import AuthSettings
from streamlit_persistauth.core.passwords.hasher import (
    DEFAULT_ROUNDS,
    MAX_WORKERS,
)
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.models import Client
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

EMAIL, PASSWORD = "person-{}@example.com", secrets.token_urlsafe(16)
PAUSE_SECONDS = 0.01
FLOOR_SECONDS = 5.0

Work = Callable[[], object]


@dataclass(frozen=True)
class Waiting:
    """When one person arrived, and when the sign-in had succeeded; monotonic seconds."""

    begun: float
    ended: float


def main() -> None:
    """Measure, and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    logging.getLogger("streamlit_persistauth").setLevel(logging.CRITICAL)
    floors = {number: hashes_per_second(number) for number in (MAX_WORKERS, os.cpu_count() or 1)}
    with tempfile.TemporaryDirectory() as folder:
        settings = AuthSettings(jwt_secret_key=SecretStr(secrets.token_urlsafe(48)))
        services = services_for(AppConfig(f"sqlite:///{Path(folder) / 'auth.db'}", settings))
        add_people(services, options.people)
        resume = resuming(services)
        end = time.monotonic() + FLOOR_SECONDS
        idle = timed_until(resume, lambda: time.monotonic() >= end)
        waiting, busy = storm(services, options, resume)
        services.database.engine.dispose()
    report(waiting, floors, percentile(idle), percentile(busy))


def add_people(services: Services, number: int) -> None:
    """Add accounts that share one hash; each hash of its own would take as long as the storm."""
    owner = services.accounts.register(EMAIL.format(0), PASSWORD)
    for one in range(1, number):
        user = replace(owner.user, id=new_id(), email=EMAIL.format(one))
        services.users.add(replace(owner, user=user, email_key=new_id()))


def storm(
    services: Services, options: argparse.Namespace, resume: Work
) -> tuple[list[Waiting], list[float]]:
    """Let everyone sign in; return how long each waited, and the seconds of the resumes."""
    with ThreadPoolExecutor(options.people) as people, ThreadPoolExecutor(1) as page:
        arrived: list[Future[Waiting]] = []
        resumes = page.submit(
            timed_until,
            resume,
            lambda: len(arrived) == options.people and all(one.done() for one in arrived),
        )
        for number in range(options.people):
            arrived.append(people.submit(sign_in, services, number))
            time.sleep(options.seconds / options.people)
        return [one.result() for one in arrived], resumes.result()


def sign_in(services: Services, number: int) -> Waiting:
    """Sign one person in, from a network of its own."""
    begun, client = time.monotonic(), Client(f"203.{number % 100}.{number // 100}.7")
    owner = services.accounts.authenticate(EMAIL.format(number), PASSWORD, client=client)
    services.sessions.start(owner, remember=True, client=client)
    return Waiting(begun, time.monotonic())


def resuming(services: Services) -> Work:
    """Return a function that resumes the session of the first person."""
    owner = services.accounts.authenticate(EMAIL.format(0), PASSWORD)
    session = services.sessions.start(owner, remember=True, client=Client())
    credential = services.sessions.issue(session.id)
    return lambda: services.sessions.resume(credential.text)


def timed_until(work: Work, is_over: Callable[[], bool]) -> list[float]:
    """Call a function until a condition holds; return the seconds of each call."""
    times = []
    while not is_over():
        begun = time.perf_counter()
        work()
        times.append(time.perf_counter() - begun)
        time.sleep(PAUSE_SECONDS)
    return times


def hashes_per_second(threads: int) -> float:
    """Return how many passwords bcrypt alone checks in a second."""
    stored = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(DEFAULT_ROUNDS))
    end = time.monotonic() + FLOOR_SECONDS

    def check() -> int:
        number = 0
        while time.monotonic() < end:
            bcrypt.checkpw(PASSWORD.encode(), stored)
            number += 1
        return number

    begun = time.monotonic()
    with ThreadPoolExecutor(threads) as pool:
        total = sum(pool.map(lambda _: check(), range(threads)))
    return total / (time.monotonic() - begun)


def percentile(times: Sequence[float]) -> float:
    """Return the 95th percentile in milliseconds."""
    return quantiles(times, n=20)[-1] * 1e3


def report(waiting: Sequence[Waiting], floors: dict[int, float], idle: float, busy: float) -> None:
    """Print the figures."""
    seconds = max(one.ended for one in waiting) - waiting[0].begun
    rate = len(waiting) / seconds
    overtaken = sum(later.ended < earlier.ended for earlier, later in pairwise(waiting))
    waits = [one.ended - one.begun for one in waiting]
    print(f"{len(waiting)} people, {seconds:.0f} s until the last: {rate:.2f} a second")
    for threads, floor in floors.items():
        print(f"of bcrypt alone in {threads} thread(s), {floor:.2f} a second: {rate / floor:.2f}")
    print(f"wait: median {median(waits):.1f} s, longest {max(waits):.1f} s; overtaken: {overtaken}")
    print(f"resume p95: idle {idle:.2f} ms, in the storm {busy:.2f} ms: {busy / idle:.2f}")


if __name__ == "__main__":
    main()
