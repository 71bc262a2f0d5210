"""Settings that have no effect in a plain app, whose responses no middleware of ours passes."""

import logging
from functools import lru_cache
from typing import Final

from streamlit_persistauth.settings import AuthSettings, environment_name

APP_ONLY: Final = ("protect_files", "csp", "csp_report_only", "frame_ancestors")

logger = logging.getLogger("streamlit_persistauth")


def without_effect(settings: AuthSettings) -> tuple[str, ...]:
    """Return the names of the settings that have another value than their default in vain."""
    fields = AuthSettings.model_fields
    return tuple(
        environment_name(field)
        for field in APP_ONLY
        if getattr(settings, field) != fields[field].default
    )


def warn_without_effect(settings: AuthSettings) -> None:
    """Log once in a process that settings have no effect in a plain app."""
    names = without_effect(settings)
    if names:
        _warn(names)


@lru_cache(maxsize=16)
def _warn(names: tuple[str, ...]) -> None:
    logger.warning(
        "%s: no effect in a plain app; serve the app through st.App with auth.routes() and "
        "auth.middleware()",
        ", ".join(names),
    )
