from datetime import timedelta

import pytest

from streamlit_persistauth.signin import reauthentication
from streamlit_persistauth.signin.reauthentication import LAST_PAGE, remembered

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("max_ages", "expected"),
    [
        ({}, None),
        ({"another": HOUR}, None),
        ({"page": HOUR}, HOUR),
        ({LAST_PAGE: HOUR}, HOUR),
        ({"page": HOUR, LAST_PAGE: 2 * HOUR}, HOUR),
        ({"page": 2 * HOUR, LAST_PAGE: HOUR}, HOUR),
    ],
)
def test_remembered(
    monkeypatch: pytest.MonkeyPatch, max_ages: dict[str, timedelta], expected: timedelta | None
) -> None:
    """In a fragment the shorter `max_age` applies: of its own page, or of the last page run."""
    monkeypatch.setattr(reauthentication, "script_hash", lambda: "page")
    assert remembered(max_ages) == expected
