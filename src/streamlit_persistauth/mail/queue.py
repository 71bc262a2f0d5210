"""The threads on which mail is written and sent."""

import logging
from collections import deque
from collections.abc import Callable
from threading import Lock, Thread
from time import sleep
from typing import Final

from streamlit_persistauth.errors import AuthError

logger = logging.getLogger("streamlit_persistauth")

MAX_WAITING: Final = 1000
"""Jobs; further ones are dropped, so that no flood fills the memory."""
PAUSE_SECONDS: Final = 0.2
"""Time from the beginning of one job to that of the next."""
MAX_RUNNING: Final = 100
"""Threads at a time: only a mail server that hangs makes so many."""

Job = Callable[[], None]


class MailQueue:
    """Begins jobs at a steady pace, and finishes them before the process ends.

    Each job runs on a thread of its own. When it begins depends on how many were posted before it,
    and not on what became of those: a job that finds no account ends at once, one that finds one
    speaks to a mail server for half a second. If the next job waited for it, a requester could
    learn from the arrival of their own mail whether the address before has an account.
    """

    def __init__(self, *, wait: Callable[[float], object] = sleep) -> None:
        """Start no thread before the first job.

        Args:
            wait: Waits for so many seconds.
        """
        self._wait = wait
        self._lock = Lock()
        self._waiting: deque[Job] = deque()
        self._unfinished: set[Thread] = set()
        self._dispatcher: Thread | None = None

    def post(self, job: Job) -> None:
        """Run a job soon."""
        with self._lock:
            if len(self._waiting) >= MAX_WAITING:
                logger.error("too much mail is waiting; one was dropped")
                return
            self._waiting.append(job)
            if self._dispatcher is None:
                self._dispatcher = Thread(target=self._dispatch, name="persistauth-mail-queue")
                self._dispatcher.start()

    def flush(self, timeout: float) -> None:
        """Wait until everything posted so far is done, at most so many seconds for each job."""
        dispatcher = self._dispatcher
        if dispatcher is not None:
            dispatcher.join(timeout)
        for thread in list(self._unfinished):
            thread.join(timeout)

    def _dispatch(self) -> None:
        """Begin one job after the other, until none waits."""
        while (thread := self._next()) is not None:
            thread.start()
            self._wait(PAUSE_SECONDS)
            while sum(map(Thread.is_alive, self._unfinished)) >= MAX_RUNNING:
                self._wait(PAUSE_SECONDS)

    def _next(self) -> Thread | None:
        with self._lock:
            if not self._waiting:
                self._dispatcher = None
                return None
            job = self._waiting.popleft()
            thread = Thread(target=self._run, args=(job,), name="persistauth-mail")
            self._unfinished = {other for other in self._unfinished if other.is_alive()} | {thread}
            return thread

    def _run(self, job: Job) -> None:
        try:
            job()
        except AuthError as error:
            logger.error("mail was not written: %s", error.message)  # noqa: TRY400 - no stack
        except Exception as error:  # noqa: BLE001 - the next job has to run
            logger.error("mail was not written: %s", type(error).__name__)  # noqa: TRY400
