"""Writes and sends mail on threads of its own."""

import logging
from collections import deque
from collections.abc import Callable
from threading import Lock, Thread
from time import sleep
from typing import Final

from streamlit_persistauth.errors import AuthError

logger = logging.getLogger("streamlit_persistauth")

MAX_WAITING: Final = 1000
"""The number of jobs that wait at most. Further ones are dropped to bound the memory."""
PAUSE_SECONDS: Final = 0.2
"""The time between the starts of two jobs."""
MAX_RUNNING: Final = 100
"""The number of threads at most; only a mail server that hangs causes so many."""

Job = Callable[[], None]


class MailQueue:
    """Starts jobs at a steady pace, and finishes them before the process ends.

    Each job runs on a thread of its own. The start of a job depends on the number of jobs before
    it, not on their duration: a job that finds no account ends at once, one that finds an account
    talks to a mail server for half a second. If the next job waited for it, the arrival of a mail
    would reveal whether the address requested before has an account.
    """

    def __init__(self, *, wait: Callable[[float], object] = sleep) -> None:
        """Configure the queue; the first job starts a thread.

        Args:
            wait: Waits for a number of seconds.
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
                logger.error("too much mail is waiting; one mail was dropped")
                return
            self._waiting.append(job)
            if self._dispatcher is None:
                self._dispatcher = Thread(target=self._dispatch, name="persistauth-mail-queue")
                self._dispatcher.start()

    def flush(self, timeout: float) -> None:
        """Wait for all posted jobs, each for this number of seconds at most."""
        dispatcher = self._dispatcher
        if dispatcher is not None:
            dispatcher.join(timeout)
        for thread in list(self._unfinished):
            thread.join(timeout)

    def _dispatch(self) -> None:
        """Start one job after the other until none is left."""
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
