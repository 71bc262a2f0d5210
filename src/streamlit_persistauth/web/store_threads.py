"""Calls the stores for the event loop, on threads that Streamlit does not share."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from functools import partial
from typing import Final, ParamSpec, TypeVar

from streamlit_persistauth.errors import StoreError

SIZE: Final = 8
"""How many calls run at once for all connections of the process."""
QUEUE_SECONDS: Final = 5.0
"""How long a call waits for a thread."""

P = ParamSpec("P")
R = TypeVar("R")


class _Pool:
    """The threads of this process."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Start again without threads; a forked process has none."""
        self.threads = ThreadPoolExecutor(SIZE, thread_name_prefix="persistauth-store")


_pool: Final = _Pool()

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_pool.reset)


async def run_in_store_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Return the result of a function that waits for a store.

    Starlette's own threads serve files and other requests too. If calls waited there for a store
    that does not answer, nothing else would be served. A call that has begun is waited for, because
    it may change something; the store limits its time.

    Raises:
        StoreError: All threads were busy for too long. The function was not called.
    """
    job = _pool.threads.submit(copy_context().run, partial(function, *args, **kwargs))
    result = asyncio.wrap_future(job)
    try:
        done, _ = await asyncio.wait({result}, timeout=QUEUE_SECONDS)
        if not done and job.cancel():
            raise StoreError("Sign-in is busy right now. Please try again.")
        return await result
    finally:
        result.cancel()
