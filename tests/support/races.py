"""Calls at the same moment, in real processes."""

import multiprocessing
from collections.abc import Callable


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
