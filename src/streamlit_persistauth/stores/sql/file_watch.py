"""Notices that the file of an SQLite database was deleted or replaced while it is open."""

import logging
import os
from threading import Lock
from time import monotonic
from typing import Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine

logger = logging.getLogger("streamlit_persistauth")

LOOK_EVERY_SECONDS: Final = 1.0
"""How often the file is looked at, at most: one `stat`, which costs a microsecond or two."""

_watches: "WeakKeyDictionary[Engine, FileWatch]" = WeakKeyDictionary()
_lock = Lock()


class FileWatch:
    """Watches the file behind one engine; a database without a file never changes.

    SQLite keeps a deleted file open: an app would go on with accounts that no other process can
    see, and lose them at its end.
    """

    def __init__(self, engine: Engine) -> None:
        """Watch the file of an engine, if it has one."""
        self._engine = engine
        self._path = _path_of(engine)
        self._known: tuple[int, int] | None = None
        self._next_look = 0.0
        self._lock = Lock()
        self.generation = 0

    @classmethod
    def of(cls, engine: Engine) -> "FileWatch":
        """Return the one watch of an engine."""
        with _lock:
            watch = _watches.get(engine)
            if watch is None:
                watch = _watches[engine] = cls(engine)
            return watch

    def look(self) -> int:
        """Return how often the file was replaced; connections to a former one are closed.

        The file is looked at once a second at most.
        """
        if self._path is not None and monotonic() >= self._next_look:
            with self._lock:
                if monotonic() >= self._next_look:
                    self._look(self._path)
        return self.generation

    def note(self) -> None:
        """Take the file that is there now for the one that is open, if none is known yet."""
        if self._path is not None:
            with self._lock:
                self._known = self._known or _identity(self._path)

    def _look(self, path: str) -> None:
        self._next_look = monotonic() + LOOK_EVERY_SECONDS
        if self._known is None or _identity(path) == self._known:
            return
        logger.error("the database file was deleted or replaced; it is opened again")
        self._known = None
        self._engine.dispose()
        self.generation += 1


def _path_of(engine: Engine) -> str | None:
    """Return the path of an engine's file; None for another database, or one in memory."""
    name = engine.url.database
    if engine.dialect.name != "sqlite" or not name or name == ":memory:":
        return None
    return None if name.startswith("file:") else os.path.abspath(name)  # noqa: PTH100 - as SQLAlchemy


def _identity(path: str) -> tuple[int, int] | None:
    """Return what identifies a file among those that exist; None if there is no such file."""
    try:
        found = os.stat(path)  # noqa: PTH116 - the cheapest way
    except OSError:
        return None
    return found.st_dev, found.st_ino
