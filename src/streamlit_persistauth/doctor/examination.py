"""Runs all checks."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from streamlit_persistauth.core.clock import Clock, utc_now
from streamlit_persistauth.doctor import (
    cookies,
    database,
    keys,
    mail,
    pages,
    proxies,
    session_state,
    tokens,
)
from streamlit_persistauth.doctor.app import App
from streamlit_persistauth.doctor.deployment import Deployment, argument, text_of
from streamlit_persistauth.doctor.finding import Finding, error, note
from streamlit_persistauth.doctor.source import UnreadableSource
from streamlit_persistauth.doctor.streamlit_options import OPTIONS, check_options
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.runtime.streamlit_options import read_options
from streamlit_persistauth.settings import read_settings
from streamlit_persistauth.stores.sql.engines import open_engine

Check = Callable[[Deployment], Iterator[Finding]]

CHECKS: Final[tuple[Check, ...]] = (
    keys.check_keys,
    keys.check_missing_key,
    keys.check_rounds,
    keys.check_debug,
    database.check_database,
    database.check_registration,
    tokens.check_tokens,
    cookies.check_cookie_mode,
    cookies.check_cookie_name,
    cookies.check_caches,
    cookies.check_frames,
    pages.check_titles,
    mail.check_mail,
    mail.check_public_url,
    proxies.check_proxies,
    check_options,
)
SOURCE_CHECKS: Final[tuple[Callable[[App], Iterator[Finding]], ...]] = (
    pages.check_source,
    pages.check_pages,
    pages.check_pages_folder,
    pages.check_fragments,
    pages.check_callbacks,
    pages.check_caches,
    pages.check_caught_guards,
    session_state.check_user_key,
)


def examine(
    main_file: Path | None, *, database: str | None = None, clock: Clock = utc_now
) -> list[Finding]:
    """Examine a deployment, from its working directory and with the environment of the app.

    Args:
        main_file: The main file of the app; without it, the source is not examined.
        database: The URL of the database; by default that of the app or the settings.
        clock: The clock of this machine.
    """
    findings: list[Finding] = []
    app = _read_app(main_file, findings)
    if app is not None:
        for check_source in SOURCE_CHECKS:
            findings += check_source(app)
    options = read_options(str(main_file) if main_file else None, OPTIONS)
    try:
        settings = read_settings()
    except ConfigError as fault:
        return [*findings, error("settings-malformed", str(fault), "Correct this setting.")]
    deployment = Deployment(
        settings=settings,
        app=app,
        engine=_open_database(app, database, settings.database_url, findings),
        options=options,
        environment=os.environ,
        clock=clock,
    )
    try:
        for check in CHECKS:
            findings += check(deployment)
    finally:
        if deployment.engine is not None:
            deployment.engine.dispose()
    return findings


def _read_app(main_file: Path | None, findings: list[Finding]) -> App | None:
    if main_file is None:
        return None
    try:
        return App(main_file)
    except UnreadableSource as reason:
        name = main_file.name
        findings.append(
            error("source-unreadable", f"{name} can't be read: {reason}.", "Correct it.", name)
        )
        return None


def _open_database(
    app: App | None, chosen: str | None, configured: str, findings: list[Finding]
) -> Engine | None:
    """Return the engine of the database; None if code makes it or the URL is wrong."""
    if argument(app, None, "settings") is not None:
        findings.append(
            note(
                "settings-in-code",
                "The app makes its settings in code, which is not run here. The findings are about "
                "the settings in the environment.",
                "Set them in the environment, so that this command reads them too.",
            )
        )
    in_code = argument(app, 0, "database")
    url = chosen or (configured if in_code is None else text_of(in_code))
    if url is None:
        findings.append(
            note(
                "database-in-code",
                "The app makes its database connection in code, which is not run here.",
                "Name the database: `persistauth doctor --database URL`.",
            )
        )
        return None
    try:
        return open_engine(url)
    except ConfigError as fault:
        findings.append(error("database-unknown", str(fault), "Correct the URL."))
        return None
