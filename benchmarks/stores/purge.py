"""Measures resumes during a purge of many rows."""

import multiprocessing
import time
from argparse import Namespace
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import databases
import library
from filling import fill
from samples import resumes, sample
from timing import percentile, timed_for, timed_while

STORES = (databases.POSTGRES, databases.SQLITE)
PURGERS: dict[str, Callable[[int], Executor]] = {
    "another process": partial(
        ProcessPoolExecutor, mp_context=multiprocessing.get_context("spawn")
    ),
    "a thread of this one": ThreadPoolExecutor,
}


@dataclass(frozen=True)
class Purged:
    """The figures of a purge; times in seconds.

    Attributes:
        seconds: The purge took.
        idle: Of resumes before it; after it the database has dead rows to sweep up.
        busy: Of resumes meanwhile.
    """

    seconds: float
    idle: list[float]
    busy: list[float]


def study(options: Namespace) -> None:
    """Purge each store in another process and in a thread, and print the table."""
    print(
        "| store | purged by | seconds | idle p99, us | p99 meanwhile, us | ratio "
        "| longest, ms |\n|---|---|---:|---:|---:|---:|---:|"
    )
    for name in STORES:
        with databases.opened(name) as database:
            for purger, executor in PURGERS.items():
                print(f"| {name} | {purger} | {_line(measured(database, executor, options))}")


def measured(
    database: databases.MeasuredDatabase, executor: Callable[[int], Executor], options: Namespace
) -> Purged:
    """Resume continuously in one thread, and purge after a while."""
    url = database.empty()
    with library.opened(url) as services, executor(1) as purger:
        expired = range(options.rows, options.rows + options.expired)
        fill(url, range(options.rows), expired=expired)
        resume = resumes(services, sample(services, options.rows))
        purger.submit(purge, url, timedelta(days=1000)).result()  # connects; deletes nothing
        timed_for(options.idle / 10, resume)
        idle = timed_for(options.idle, resume)
        work = purger.submit(purge, url, timedelta(days=1))
        busy = timed_while(lambda: not work.done(), resume)
        seconds, deleted = work.result()
    if deleted != options.expired:
        raise SystemExit(f"{deleted} rows were purged, not {options.expired}")
    return Purged(seconds, idle, busy)


def purge(url: str, older_than: timedelta) -> tuple[float, int]:
    """Purge as an app does; return the seconds and the number of deleted rows."""
    purge = library.wired(url).purge
    start = time.perf_counter()
    deleted = purge.purge(older_than=older_than)
    return time.perf_counter() - start, deleted


def _line(purged: Purged) -> str:
    idle, busy = percentile(purged.idle, 99), percentile(purged.busy, 99)
    figures = f"{purged.seconds:.1f} | {idle * 1e6:.0f} | {busy * 1e6:.0f} | {busy / idle:.2f}"
    return f"{figures} | {max(purged.busy) * 1e3:.1f} |"
