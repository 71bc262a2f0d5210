"""The interface through which the core reports how long its operations take."""

from contextlib import AbstractContextManager, nullcontext
from enum import Enum
from typing import Final, Protocol


class Operation(str, Enum):
    """An operation that is measured."""

    LOGIN = "login"
    """A password is checked."""
    RESUME = "resume"
    """A credential or a session is looked up."""


class Observer(Protocol):
    """Measures operations. Its methods raise nothing."""

    def measure(self, operation: Operation, /) -> AbstractContextManager[object]:
        """Return a context that measures its block, and lets every error of the block pass."""
        ...


class _NoObserver:
    def measure(self, _operation: Operation, /) -> AbstractContextManager[object]:
        return _NOTHING


_NOTHING: Final = nullcontext()
UNOBSERVED: Final[Observer] = _NoObserver()
"""Measures nothing."""
