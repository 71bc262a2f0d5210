"""Checks that a test and its app use the same database."""

import os
from typing import Final

from streamlit.testing.v1 import AppTest

from streamlit_persistauth.authenticator import Authenticator
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.models import Session
from streamlit_persistauth.runtime.state_keys import STATE_KEY
from streamlit_persistauth.stores.sql.engines import find_engine
from streamlit_persistauth.wiring.services import Services, find_services

DATABASE: Final = "PERSISTAUTH_DATABASE_URL"


def require_test_database(auth: Authenticator | None) -> None:
    """Refuse a database that the environment of the test does not name.

    Raises:
        ConfigError: The environment names none, or `auth` was made from settings that named
            another one.
    """
    named = os.environ.get(DATABASE)
    if auth is None and not named:
        raise ConfigError(
            DATABASE, "a test needs a database of its own: set it to sqlite:///<a temporary file>."
        )
    if auth is None or not named or not auth._reads_settings:  # noqa: SLF001 - one library
        return
    used = auth._services.database.engine.url  # noqa: SLF001 - one library
    if used != find_engine(named).url:
        raise ConfigError(
            "auth",
            f"it was made while {DATABASE} was {used.render_as_string()}, which is "
            f"{find_engine(named).url.render_as_string()} now. Import the app after the test has "
            "set its database.",
        )


def check_first_run(at: AppTest, services: Services, session: Session) -> None:
    """Have the next run of a page raise an error if its app did not find the session.

    Args:
        at: The page.
        services: Those that hold the session.
        session: The session.
    """
    run = at.run

    def run_and_check(*, timeout: float | None = None) -> AppTest:
        at.run = run  # type: ignore[method-assign]
        run(timeout=timeout)
        _require_found(at, services, session)
        return at

    at.run = run_and_check  # type: ignore[method-assign]


def _require_found(at: AppTest, services: Services, session: Session) -> None:
    """Refuse a page whose app read its sessions elsewhere.

    Raises:
        ConfigError: The message names both databases.
    """
    try:
        visits = at.session_state[STATE_KEY].visits
    except KeyError:  # the page has cleared it, and does not use the library
        return
    visit = visits[services.cookies.name]
    apps = {one.app for one in visits.values()} - {None}
    is_found = visit.app is not None and visit.session_id == session.id
    if not apps or services.identity in apps or is_found:
        return
    app = find_services(apps.pop())
    theirs = app.database.engine.url.render_as_string() if app else "another database"
    ours = services.database.engine.url.render_as_string()
    where = f"other stores or cookies in {ours}" if theirs == ours else theirs
    raise ConfigError(
        "auth",
        f"signed_in used the database {ours}, and the app uses {where}. Pass the Authenticator of "
        "the app: signed_in(at, user, auth=auth).",
    )
