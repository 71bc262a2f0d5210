"""Detects that the file of an SQLite database was deleted or replaced while it is open."""

import logging
import os
from threading import Lock
from time import monotonic
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

logger = logging.getLogger("streamlit_persistauth")

CHECK_EVERY_SECONDS: Final = 1.0
"""The shortest time between two checks of the file; one takes a microsecond or two."""

_watches: "WeakKeyDictionary[Engine, FileWatch]" = WeakKeyDictionary()
_lock = Lock()


class FileWatch:
    """Watches the file of one engine; a database without a file never changes.

    SQLite keeps a deleted file open. An app would continue with accounts that no other process
    sees, and lose them when it stops.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._path = _path_of(engine)
        self._known: tuple[int, int] | None = None
        self._next_check = 0.0
        self._lock = Lock()
        self.generation = 0

    @classmethod
    def of(cls, engine: Engine) -> "FileWatch":
        """Return the watch that all users of an engine share."""
        with _lock:
            watch = _watches.get(engine)
            if watch is None:
                watch = _watches[engine] = cls(engine)
            return watch

    def check(self) -> int:
        """Return how often the file was replaced; close connections to former files.

        The file is checked once a second at most.
        """
        if self._path is not None and monotonic() >= self._next_check:
            with self._lock:
                if monotonic() >= self._next_check:
                    self._check(self._path)
        return self.generation

    def note(self) -> None:
        """Remember the present file as the open one, unless one is remembered."""
        if self._path is not None:
            with self._lock:
                self._known = self._known or _identity(self._path)

    def _check(self, path: str) -> None:
        self._next_check = monotonic() + CHECK_EVERY_SECONDS
        if self._known is None or _identity(path) == self._known:
            return
        logger.error("the database file was deleted or replaced; it is opened again")
        self._known = None
        self._engine.dispose()
        self.generation += 1


def _path_of(engine: Engine) -> str | None:
    """Return the path of the file of an engine; None for other databases and those in memory."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        return None
    return None if name.startswith("file:") else os.path.abspath(name)  # noqa: PTH100 - as SQLAlchemy


def _identity(path: str) -> tuple[int, int] | None:
    """Return device and inode of a file; None if it does not exist."""
    try:
        found = os.stat(path)  # noqa: PTH116 - the cheapest way
    except OSError:
        return None
    return found.st_dev, found.st_ino
