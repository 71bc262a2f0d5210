"""A store that fails on demand, around one that works."""

from dataclasses import astuple, is_dataclass
from typing import Any, Literal

from streamlit_persistauth.errors import StoreError

CANARY = "SELECT canary FROM internals"
Mode = Literal["all", "once", "late"]


class FailingStore:
    """Passes every call on to a real store, until a test makes it fail.

    Attributes:
        calls: The names of the methods called since the last `reset`.
        given: The text of every argument, secrets too.
        fail_at: Fail at the call of this number since the last `reset`, and at all later ones.
        mode: `all` fails at all later calls too, `once` at one call only, and `late` at one call
            whose work is done, as when the answer of a server is lost.
    """

    def __init__(self, store: object) -> None:
        """Wrap a store."""
        self._store = store
        self.calls: list[str] = []
        self.given = ""
        self.fail_at: int | None = None
        self.mode: Mode = "all"

    def reset(self, *, fail_at: int | None = None, mode: Mode = "all") -> None:
        """Forget the calls, and choose the next call that fails."""
        self.calls.clear()
        self.fail_at = fail_at
        self.mode = mode

    @property
    def has_failed(self) -> bool:
        """Whether a call has failed since the last `reset`."""
        return self.fail_at is not None and len(self.calls) > self.fail_at

    @property
    def _fails(self) -> bool:
        """Whether the present call fails."""
        if self.mode == "all":
            return self.has_failed
        return self.fail_at is not None and len(self.calls) == self.fail_at + 1

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of any store
        """Return a method of the store that may fail."""
        method = getattr(self._store, name)

        def call(*args: object, **kwargs: object) -> object:
            self.calls.append(name)
            self.given += "".join(map(_text, (*args, *kwargs.values())))
            fails = self._fails
            if fails and self.mode != "late":
                raise StoreError(CANARY)
            answer = method(*args, **kwargs)
            if fails:
                raise StoreError(CANARY)
            return answer

        return call


def _text(value: object) -> str:
    """Return all that a value holds; the repr of a record leaves secrets out."""
    if is_dataclass(value) and not isinstance(value, type):
        value = astuple(value)
    return repr(value)
