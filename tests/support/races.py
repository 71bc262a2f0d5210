"""Calls at the same moment, on real threads."""

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

R = TypeVar("R")


def at_once(*calls: Callable[[], R]) -> list[R]:
    """Run each call on a thread of its own, all from one barrier; return what they return."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], R]) -> R:
        barrier.wait(timeout=20)
        return call()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def in_processes(worker: Callable[..., None], *arguments: str, count: int) -> list[str]:
    """Run a worker in several new processes, all from one barrier; return what they answer.

    They are forked from a server that has imported the library and opened nothing.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["streamlit_persistauth"])
    barrier, answers = context.Barrier(count), context.Queue()
    processes = [
        context.Process(target=worker, args=(*arguments, barrier, answers)) for _ in range(count)
    ]
    for process in processes:
        process.start()
    collected = [answers.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(60)
    answers.close()
    answers.join_thread()
    return collected
