from datetime import timedelta

import pytest

from streamlit_persistauth.core.text.languages import LANGUAGES
from streamlit_persistauth.ui.durations import duration
from streamlit_persistauth.ui.translator import Translator

IN_WORDS = [
    (timedelta(hours=24), "24 hours"),
    (timedelta(days=30), "30 days"),
    (timedelta(days=2), "2 days"),
    (timedelta(hours=36), "36 hours"),
    (timedelta(hours=1), "1 hour"),
    (timedelta(hours=1.5), "90 minutes"),
    (timedelta(hours=100), "100 hours"),
    (timedelta(hours=720.001), "30 days"),
    (timedelta(hours=24.3), "24 hours"),
    (timedelta(minutes=30), "30 minutes"),
    (timedelta(minutes=1), "1 minute"),
    (timedelta(seconds=36), "36 seconds"),
    (timedelta(seconds=1), "1 second"),
    (timedelta(days=400), "400 days"),
]


@pytest.mark.parametrize(("period", "words"), IN_WORDS)
def test_english(period: timedelta, words: str) -> None:
    """A duration is stated in the largest unit that does not distort it."""
    assert duration(period) == words


@pytest.mark.parametrize("minutes", [1, 7, 59, 61, 1441, 5_000, 43_201])
def test_promises_no_more(minutes: int) -> None:
    """The words state no more than the duration, and at most 2 % less."""
    seconds = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400}
    number, unit = duration(timedelta(minutes=minutes)).split()
    stated = int(number) * seconds[unit.removesuffix("s")]
    assert 0.98 * minutes * 60 <= stated <= minutes * 60


@pytest.mark.parametrize("language", LANGUAGES)
def test_translated(language: str) -> None:
    """Each language has its own words for one and for several of a unit."""
    t = Translator(language=language)
    words = [t.text(duration(timedelta(days=days))) for days in (1 / 24, 1, 30)]
    assert len(set(words)) == len(words)
    assert [any(sign in text for sign in ("1", "24", "30")) for text in words] == [True] * 3
    if language not in {"en", "fr"}:
        assert not any("hour" in text or "days" in text for text in words)
