"""The names and details of events."""

import pytest
from tests.support.clock import START

from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.storage.records import EventRecord
from streamlit_persistauth.ui.event_list import event_details, event_name
from streamlit_persistauth.ui.translator import Translator


def test_kinds_of_events() -> None:
    """Every event type has a name of its own; an unknown type is shown as text."""
    t = Translator()
    names = [event_name(kind.value, t) for kind in EventType]
    assert len(set(names)) == len(names)
    assert not any("_" in name for name in names)
    assert event_name("an_app's\nown", t) == "an_app's own"


@pytest.mark.parametrize(
    ("details", "language", "text"),
    [
        ({"more": "37"}, "en", "37 more within a minute"),
        ({"more": "37"}, "de", "37 weitere innerhalb einer Minute"),
        ({"more": "<b>"}, "en", "more: <b>"),
        ({"reason": "disabled", "by": "ada"}, "en", "reason: disabled, by: ada"),
        ({}, "en", ""),
    ],
)
def test_details(details: dict[str, str], language: str, text: str) -> None:
    """A summary row shows its number in words; other details are names and values."""
    event = EventRecord("token_refused", None, START, details)
    assert event_details(event, Translator(None, language)) == text
