"""Points in time, in words."""

from datetime import datetime, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from streamlit_persistauth.core.text.measure import MAX_WORD, shorten
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.translator import Translator

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400
_PAST: Final = (
    (365 * _DAY, Text("1 year ago"), Text("{n} years ago")),
    (30 * _DAY, Text("1 month ago"), Text("{n} months ago")),
    (_DAY, Text("1 day ago"), Text("{n} days ago")),
    (_HOUR, Text("1 hour ago"), Text("{n} hours ago")),
    (_MINUTE, Text("1 minute ago"), Text("{n} minutes ago")),
)
_FUTURE: Final = (
    (365 * _DAY, Text("in 1 year"), Text("in {n} years")),
    (30 * _DAY, Text("in 1 month"), Text("in {n} months")),
    (_DAY, Text("in 1 day"), Text("in {n} days")),
    (_HOUR, Text("in 1 hour"), Text("in {n} hours")),
    (_MINUTE, Text("in 1 minute"), Text("in {n} minutes")),
)
_MONTHS: Final = (
    Text("January"),
    Text("February"),
    Text("March"),
    Text("April"),
    Text("May"),
    Text("June"),
    Text("July"),
    Text("August"),
    Text("September"),
    Text("October"),
    Text("November"),
    Text("December"),
)


def relative(moment: datetime, t: Translator, *, now: datetime) -> str:
    """Return the distance to a moment: "3 minutes ago", "in 2 days", "just now".

    Args:
        moment: An aware datetime.
        t: The texts.
        now: The current time, an aware datetime.
    """
    seconds = (moment - now).total_seconds()
    for unit, one, many in _PAST if seconds < 0 else _FUTURE:
        count = int(abs(seconds) // unit)
        if count:
            return t.text(one) if count == 1 else t.text(many, n=count)
    return t.text("just now") if seconds <= 0 else t.text("in a moment")


def absolute(moment: datetime, t: Translator) -> str:
    """Return date and time in the time zone of the browser: "May 3, 2026, 14:05".

    Args:
        moment: An aware datetime.
        t: The texts.
    """
    there = moment.astimezone(_zone())
    return t.text(
        "{month} {day}, {year}, {time}",
        month=_MONTHS[there.month - 1],
        day=there.day,
        year=there.year,
        time=f"{there:%H:%M}",
    )


def _zone() -> tzinfo:
    """Return the time zone of the browser, or UTC if it sends no known one."""
    name = st.context.timezone
    if not isinstance(name, str):  # None outside a page, a mock in AppTest
        return timezone.utc
    try:
        return ZoneInfo(shorten(name, MAX_WORD))
    except (LookupError, ValueError, OSError):  # the browser may send anything
        return timezone.utc
