"""Counts the calls of bcrypt, which still does its work."""

from collections.abc import Callable

import bcrypt
import pytest


class BcryptCalls:
    """The number of hashes that bcrypt computed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put a counter around both functions."""
        self.count = 0
        monkeypatch.setattr(bcrypt, "hashpw", self._counted(bcrypt.hashpw))
        monkeypatch.setattr(bcrypt, "checkpw", self._counted(bcrypt.checkpw))

    def _counted(self, function: Callable[..., object]) -> Callable[..., object]:
        def counted(*args: bytes) -> object:
            before = self.count
            answer = function(*args)
            self.count = before + 1  # bcrypt 4's checkpw calls hashpw itself: one piece of work
            return answer

        return counted
