"""Runs calls simultaneously on threads."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

R = TypeVar("R")


def at_once(*calls: Callable[[], R]) -> list[R]:
    """Run each call on a thread of its own, all starting together; return the results."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], R]) -> R:
        barrier.wait(timeout=20)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))
