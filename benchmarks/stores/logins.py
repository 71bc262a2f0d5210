"""Measure sign-ins by password in many threads relative to bcrypt, and resumes meanwhile.

The library hashes on all processors but one, which it leaves to the pages, so there are two floors:
bcrypt in as many threads at once as the library allows, and in all of them.
"""

import base64
import os
import secrets
from argparse import Namespace
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from statistics import median
from threading import BoundedSemaphore

import bcrypt
import databases
import library
from filling import fill
from rows import AGENT
from samples import resumes, sample
from throughput import rate
from timing import Work, percentile, ratio, timed_for, timed_while

from streamlit_persistauth.core.passwords.hasher import DEFAULT_ROUNDS, MAX_WORKERS
from streamlit_persistauth.models import Client
from streamlit_persistauth.wiring.services import Services

STORES = (databases.POSTGRES, databases.SQLITE)
THREADS = 2 * (os.cpu_count() or 1)
PASSWORD = secrets.token_urlsafe(16)
PAUSE_SECONDS = 0.01
"""The pause between two resumes, so that they are not a load themselves."""
OURS = "authenticate and start"
BOUNDED = f"bcrypt.checkpw, {MAX_WORKERS} at once"
FREE = f"bcrypt.checkpw, {THREADS} at once"


@dataclass
class Record:
    """The figures of one kind of load in each turn.

    Attributes:
        rates: How often a second.
        resumes: The seconds of the resumes meanwhile, of all turns.
    """

    rates: list[float] = field(default_factory=list)
    resumes: list[float] = field(default_factory=list)


def study(options: Namespace) -> None:
    """Measure on each store, and print the table."""
    print(
        f"| store | load in {THREADS} threads | per second | ratio of {OURS} to it "
        "| resume p95, ms | ratio to idle |\n|---|---|---:|---:|---:|---:|"
    )
    for name in STORES:
        with databases.opened(name) as database:
            idle, records = measured(database, options)
        calm = percentile(idle, 95)
        print(f"| {name} | none | | | {calm * 1e3:.2f} | 1.00 |")
        for load, record in records.items():
            part = ratio(records[OURS].rates, record.rates)
            felt = percentile(record.resumes, 95)
            figures = f"{median(record.rates):.1f} | {part:.2f} | {felt * 1e3:.2f}"
            print(f"| {name} | {load} | {figures} | {felt / calm:.2f} |", flush=True)


def measured(
    database: databases.MeasuredDatabase, options: Namespace
) -> tuple[list[float], dict[str, Record]]:
    """Return the seconds of resumes without load, and the figures of each load, in turns."""
    url = database.empty()
    idle: list[float] = []
    with library.opened(url) as services, ThreadPoolExecutor(1) as host:
        fill(url, range(options.rows))
        resume = resumes(services, sample(services, options.rows))
        loads = _loads(services)
        records = {name: Record() for name in loads}
        timed_for(options.login_seconds / 10, resume, pause=PAUSE_SECONDS)
        for _ in range(options.login_blocks):
            idle += timed_for(options.login_seconds, resume, pause=PAUSE_SECONDS)
            for name, works in loads.items():
                load = host.submit(rate, works, options.login_seconds)
                times = timed_while(lambda: not load.done(), resume, pause=PAUSE_SECONDS)  # noqa: B023 - called in this turn only
                records[name].resumes += times
                records[name].rates.append(load.result())
    return idle, records


def _loads(services: Services) -> Mapping[str, Sequence[Work]]:
    return {
        OURS: [_login(services, number) for number in range(THREADS)],
        BOUNDED: _checks(BoundedSemaphore(MAX_WORKERS)),
        FREE: _checks(None),
    }


def _login(services: Services, number: int) -> Work:
    """Return a function that signs in one account, from a network of its own."""
    email = f"login-{number}@example.com"
    services.accounts.register(email, PASSWORD, full_name="Ada Lovelace")
    client = Client(f"203.0.{number}.7", AGENT)

    def login() -> object:
        owner = services.accounts.authenticate(email, PASSWORD, client=client)
        return services.sessions.start(owner, remember=True, client=client)

    return login


def _checks(workers: BoundedSemaphore | None) -> list[Work]:
    """Return a function for each thread that hashes a password as long as the library's."""
    data = base64.b64encode(secrets.token_bytes(32))
    stored = bcrypt.hashpw(data, bcrypt.gensalt(DEFAULT_ROUNDS))
    turn = workers or nullcontext()

    def check() -> None:
        with turn:
            if not bcrypt.checkpw(data, stored):
                raise RuntimeError("bcrypt does not know its own hash")

    return [check] * THREADS
