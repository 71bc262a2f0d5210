from typing import Any

import pytest

from streamlit_persistauth import AuthSettings
from streamlit_persistauth.doctor.lifetime import describe_lifetime

DAILY = "A sign-in lasts 24 hours, however often it is used (TOKEN_EXPIRY_HOURS)."
RENEWED = (
    "A sign-in lasts 30 days (REFRESH_TOKEN_EXPIRY_DAYS); its credential is replaced after "
    "24 hours (TOKEN_EXPIRY_HOURS)."
)


@pytest.mark.usefixtures("clean_machine")
@pytest.mark.parametrize(
    ("settings", "text"),
    [
        ({}, f"{DAILY} With PERSISTAUTH_RENEWAL=on it lasts 30 days."),
        ({"refresh_token_expiry_days": 1}, DAILY),
        ({"renewal": True}, RENEWED),
        (
            {"renewal": True, "idle_timeout_minutes": 90},
            f"{RENEWED} It expires after 90 minutes without use.",
        ),
        ({"renewal": True, "refresh_token_expiry_days": 0.5}, DAILY),
    ],
)
def test_described(settings: dict[str, Any], text: str) -> None:
    """The sentence states what is in force, and how to make it longer."""
    assert describe_lifetime(AuthSettings(**settings)) == text
