"""Measures the throughput of several threads."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from timing import Work

START_SECONDS = 60


def rate(works: Sequence[Work], seconds: float) -> float:
    """Repeat each work in a thread of its own; return the total number of calls a second.

    The threads start together. Calls that have started are finished, so the measurement takes a
    little longer than `seconds`.
    """
    start = Barrier(len(works) + 1)
    with ThreadPoolExecutor(len(works)) as threads:
        counts = [threads.submit(_repeat, work, seconds, start) for work in works]
        start.wait(START_SECONDS)
        began = time.monotonic()
        total = sum(count.result() for count in counts)
        return total / (time.monotonic() - began)


def _repeat(work: Work, seconds: float, start: Barrier) -> int:
    start.wait(START_SECONDS)
    end, count = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        work()
        count += 1
    return count
