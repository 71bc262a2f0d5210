"""The thread on which mail is written and sent."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from threading import BoundedSemaphore, Lock
from typing import Final

from streamlit_persistauth.errors import AuthError

logger = logging.getLogger("streamlit_persistauth")

MAX_WAITING: Final = 1000
"""Jobs; further ones are dropped, so that no flood fills the memory."""


class Outbox:
    """Runs jobs one after the other, and finishes them before the process ends."""

    def __init__(self) -> None:
        """Start no thread before the first job."""
        self._executor: ThreadPoolExecutor | None = None
        self._lock = Lock()
        self._room = BoundedSemaphore(MAX_WAITING)
        self._last: Future[None] | None = None

    def post(self, job: Callable[[], None]) -> None:
        """Run a job soon."""
        if not self._room.acquire(blocking=False):
            logger.error("too much mail is waiting; one was dropped")
            return
        with self._lock:
            if self._executor is None:
                self._executor = ThreadPoolExecutor(1, thread_name_prefix="persistauth-mail")
            self._last = self._executor.submit(self._run, job)

    def flush(self, timeout: float) -> None:
        """Wait until everything posted so far is done, at most so many seconds."""
        if self._last is not None:
            wait([self._last], timeout)

    def _run(self, job: Callable[[], None]) -> None:
        try:
            job()
        except AuthError as error:
            logger.error("mail was not written: %s", error.message)  # noqa: TRY400 - no stack
        except Exception as error:  # noqa: BLE001 - the next job has to run
            logger.error("mail was not written: %s", type(error).__name__)  # noqa: TRY400
        finally:
            self._room.release()
