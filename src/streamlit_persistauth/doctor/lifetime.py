"""Describes how long a sign-in lasts."""

from datetime import timedelta

from streamlit_persistauth.settings import AuthSettings
from streamlit_persistauth.ui.durations import duration
from streamlit_persistauth.wiring.config import lifetime_of


def describe_lifetime(settings: AuthSettings) -> str:
    """Return how long a sign-in lasts by these settings, and how to make it longer."""
    lifetime = lifetime_of(settings)
    access, length = lifetime.access, lifetime.length(remember=True)
    renewed = timedelta(days=settings.refresh_token_expiry_days)
    if length > access:
        text = (
            f"A sign-in lasts {duration(length)} (REFRESH_TOKEN_EXPIRY_DAYS); its credential is "
            f"replaced after {duration(access)} (TOKEN_EXPIRY_HOURS)."
        )
    else:
        text = f"A sign-in lasts {duration(access)}, however often it is used (TOKEN_EXPIRY_HOURS)."
        if renewed > access:
            text += f" With PERSISTAUTH_RENEWAL=on it lasts {duration(renewed)}."
    if lifetime.idle is not None:
        text += f" It expires after {duration(lifetime.idle)} without use."
    return text
