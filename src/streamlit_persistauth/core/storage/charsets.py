"""Which texts a store can hold: the character set of an old table lacks most of Unicode."""

from collections.abc import Callable

CanHold = Callable[[str, str], bool]
"""Returns whether a field of the stored accounts can hold a text."""


def can_hold_all(_field: str, _text: str) -> bool:
    """Return True, as for a store of Unicode."""
    return True
