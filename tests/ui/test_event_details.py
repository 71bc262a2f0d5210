import pytest
from tests.support.clock import START

from streamlit_persistauth.core.storage.records import EventRecord
from streamlit_persistauth.ui.event_list import event_details
from streamlit_persistauth.ui.translator import Translator


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
    """A row that counts others says so in words; other details are names and values."""
    event = EventRecord("token_refused", None, START, details)
    assert event_details(event, Translator(None, language)) == text
