"""A store that fails on demand, around one that works."""

from dataclasses import astuple, is_dataclass
from typing import Any

from streamlit_persistauth.errors import StoreError

CANARY = "SELECT canary FROM internals"


class FailingStore:
    """Passes every call on to a real store, until a test makes it fail.

    Attributes:
        calls: The names of the methods called since the last `reset`.
        given: The text of every argument, secrets too.
        fail_at: Fail at the call of this number since the last `reset`, and at all later ones.
    """

    def __init__(self, store: object) -> None:
        """Wrap a store."""
        self._store = store
        self.calls: list[str] = []
        self.given = ""
        self.fail_at: int | None = None

    def reset(self, *, fail_at: int | None = None) -> None:
        """Forget the calls, and choose the next call that fails."""
        self.calls.clear()
        self.fail_at = fail_at

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of any store
        """Return a method of the store that may fail."""
        method = getattr(self._store, name)

        def call(*args: object, **kwargs: object) -> object:
            self.calls.append(name)
            self.given += "".join(map(_text, (*args, *kwargs.values())))
            if self.fail_at is not None and len(self.calls) > self.fail_at:
                raise StoreError(CANARY)
            return method(*args, **kwargs)

        return call


def _text(value: object) -> str:
    """Return all that a value holds; the repr of a record leaves secrets out."""
    if is_dataclass(value) and not isinstance(value, type):
        value = astuple(value)
    return repr(value)
