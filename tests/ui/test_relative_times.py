from datetime import datetime, timedelta, timezone
from types import SimpleNamespace

import pytest

from streamlit_persistauth.ui import relative_times
from streamlit_persistauth.ui.relative_times import absolute, relative
from streamlit_persistauth.ui.translator import Translator

NOW = datetime(2026, 5, 3, 23, 5, tzinfo=timezone.utc)
T = Translator()


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=0), "just now"),
        (timedelta(seconds=-59), "just now"),
        (timedelta(seconds=-60), "1 minute ago"),
        (timedelta(minutes=-59, seconds=-59), "59 minutes ago"),
        (timedelta(hours=-1), "1 hour ago"),
        (timedelta(hours=-47), "1 day ago"),
        (timedelta(days=-29), "29 days ago"),
        (timedelta(days=-30), "1 month ago"),
        (timedelta(days=-364), "12 months ago"),
        (timedelta(days=-800), "2 years ago"),
        (timedelta(seconds=59), "in a moment"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(hours=3), "in 3 hours"),
        (timedelta(days=1), "in 1 day"),
        (timedelta(days=70), "in 2 months"),
        (timedelta(days=365), "in 1 year"),
    ],
)
def test_relative(distance: timedelta, words: str) -> None:
    """A distance is given in the largest unit that fits, in singular or plural."""
    assert relative(NOW + distance, T, now=NOW) == words


def test_relative_in_own_words() -> None:
    """An app's labels replace these texts too."""
    t = Translator({"{n} minutes ago": "vor {n} Minuten"})
    assert relative(NOW - timedelta(minutes=3), t, now=NOW) == "vor 3 Minuten"


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Europe/Berlin", "May 4, 2026, 01:05"),
        ("America/New_York", "May 3, 2026, 19:05"),
        (None, "May 3, 2026, 23:05"),
        ("", "May 3, 2026, 23:05"),
        ("Nowhere/Land", "May 3, 2026, 23:05"),
        ("../../etc/passwd", "May 3, 2026, 23:05"),
        ("America", "May 3, 2026, 23:05"),
        ("a\0b", "May 3, 2026, 23:05"),
        ("x" * 10_000, "May 3, 2026, 23:05"),
        ("\ud800", "May 3, 2026, 23:05"),
    ],
)
def test_absolute(monkeypatch: pytest.MonkeyPatch, zone: str | None, words: str) -> None:
    """Date and time are in the time zone of the browser, or in UTC for an unknown one."""
    context = SimpleNamespace(timezone=zone)
    monkeypatch.setattr(relative_times, "st", SimpleNamespace(context=context))
    assert absolute(NOW, T) == words


def test_absolute_outside_a_page() -> None:
    """Without a browser the time is in UTC."""
    assert absolute(NOW, T) == "May 3, 2026, 23:05"
