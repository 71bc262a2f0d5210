"""Durations, in words."""

from datetime import timedelta
from typing import Final

from streamlit_persistauth.text import Text

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_UNITS: Final = (
    (2 * _DAY, _DAY, Text("1 day"), Text("{n} days")),
    (_HOUR, _HOUR, Text("1 hour"), Text("{n} hours")),
    (_MINUTE, _MINUTE, Text("1 minute"), Text("{n} minutes")),
)
"""The shortest duration in each unit, the length of the unit, and its texts."""
_PRECISION: Final = 0.02


def duration(period: timedelta) -> Text:
    """Return a duration in the largest unit that states it to 2 %, rounded down.

    A day is "24 hours", two are "2 days".
    """
    seconds = int(period.total_seconds())
    for least, unit, one, many in _UNITS:
        if seconds >= least and seconds % unit <= _PRECISION * seconds:
            return _count(seconds // unit, one, many)
    return _count(seconds, Text("1 second"), Text("{n} seconds"))


def _count(number: int, one: Text, many: Text) -> Text:
    return one if number == 1 else Text(many.template, n=number)
