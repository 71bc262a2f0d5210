"""Checks of the database: connection, tables, clock and accounts."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import Connection, Engine, func, inspect, or_, select

from streamlit_persistauth.core.accounts.login_names import LoginBy
from streamlit_persistauth.core.accounts.roles import ADMIN
from streamlit_persistauth.core.storage.queries import UserQuery
from streamlit_persistauth.doctor.deployment import Deployment, argument
from streamlit_persistauth.doctor.finding import Finding, error, note, warning
from streamlit_persistauth.doctor.streamlit_options import OPTIONS
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.request.local_visitor import is_published
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.dialects import TIMES, as_utc
from streamlit_persistauth.stores.sql.schema import version
from streamlit_persistauth.stores.sql.tables import (
    LOGIN_NAMES,
    WITHOUT_USERS,
    auth_schema,
    users,
)
from streamlit_persistauth.stores.sql.users import SQLUserStore

CLOCK_SECONDS: Final = 5
"""The largest accepted difference between the clocks."""
CHECK_SECONDS: Final = 60.0
"""How long the checks may take; some read a whole table."""
COST_MARGIN: Final = 2
"""How much higher than the setting the cost of a stored hash may be."""
_INIT: Final = "Run `persistauth init-db`, or let the app create them at the first visit."
_NAMES: Final = {"email": "an email address", "username": "a username"}
_TOLERANCE: Final = timedelta(seconds=CLOCK_SECONDS)


def check_database(deployment: Deployment) -> Iterator[Finding]:
    """Find a database that does not answer, lacks tables, or has another time."""
    engine = deployment.engine
    if engine is None:
        return
    if engine.dialect.name == "sqlite":
        name = engine.url.database
        if name in {None, "", ":memory:"}:
            yield warning(
                "database-memory",
                "Accounts are stored in memory: a restart deletes them all.",
                "Set PERSISTAUTH_DATABASE_URL to a file or a server.",
            )
            return
        if not Path(str(name)).exists():  # connecting would create it
            yield from _check_folder(Path(str(name)))
            return
    try:
        database = Database(engine, tables=(), timeout_seconds=CHECK_SECONDS)
        with quiet(), database.guarded(), engine.connect() as connection:
            findings = [
                *_check_tables(connection),
                *_check_clock(connection, deployment),
                *_check_hash_costs(connection, deployment),
                *_check_login_names(connection, deployment),
                *_check_administrators(connection, deployment),
            ]
    except StoreError:
        yield _unreachable(engine)
        return
    yield from findings


def check_registration(deployment: Deployment) -> Iterator[Finding]:
    """Report who can register."""
    settings = deployment.settings
    has_own_store = argument(deployment.app, None, "users") is not None
    is_first = settings.registration == "first" and not has_own_store
    if is_first and _has_no_account(deployment.engine):
        yield from _check_first_account(deployment)
    if settings.registration != "open" or settings.email_verification:
        return
    if settings.registration_domains:
        yield warning(
            "domains-unproven",
            "PERSISTAUTH_REGISTRATION_DOMAINS is set and addresses are not confirmed: anyone can "
            "register with an invented address of these domains.",
            "Set PERSISTAUTH_EMAIL_VERIFICATION=on, which needs mail.",
        )
    else:
        yield note(
            "registration-open",
            "Anyone can register with any address, including one of another person.",
            "Set PERSISTAUTH_EMAIL_VERIFICATION=on, which needs mail.",
        )


def _check_first_account(deployment: Deployment) -> Iterator[Finding]:
    keys = {name: key for key, name in OPTIONS.items()}
    if is_published(deployment.settings, lambda name: deployment.options[keys[name]]):
        yield warning(
            "first-account-public",
            "The app is set up for a public address and has no account: the first visitor with a "
            "set-up code becomes administrator.",
            "Run `persistauth setup-code` and create the account on the page, or run `persistauth "
            "users add EMAIL --role admin`.",
        )
    else:
        yield note(
            "registration-first",
            "There is no account yet: a visitor on this machine can create the first one, which "
            "becomes administrator. Other visitors need a set-up code from the log of the app.",
            "Create it on the page, or run `persistauth users add EMAIL --role admin`.",
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Disable the log of the library, since findings report the same."""
    logger = logging.getLogger("streamlit_persistauth")
    before = logger.disabled
    logger.disabled = True
    try:
        yield
    finally:
        logger.disabled = before


def _check_folder(path: Path) -> Iterator[Finding]:
    folder = path.parent
    if not folder.is_dir():
        yield error(
            "database-unreachable",
            f"The folder {folder} of the database does not exist.",
            "Create it, writable for the user that runs the app.",
        )
    else:
        yield note("tables-missing", f"The database {path} does not exist yet.", _INIT)


def _unreachable(engine: Engine) -> Finding:
    place = engine.url.host or engine.url.database or "an unknown host"
    return error(
        "database-unreachable",
        f"The database ({engine.dialect.name} on {place}) does not answer, or refuses "
        "the connection.",
        "Check that the server runs, and that PERSISTAUTH_DATABASE_URL has the right address, "
        "user and password.",
    )


def _check_tables(connection: Connection) -> Iterator[Finding]:
    existing = set(inspect(connection).get_table_names())
    missing = [table.name for table in WITHOUT_USERS if table.name not in existing]
    if missing:
        names = ", ".join(missing)
        yield note("tables-missing", f"The database lacks the tables {names}.", _INIT)
        return
    stored = connection.execute(select(auth_schema.c.version)).scalar() or 0
    if stored < version():
        yield warning(
            "tables-old",
            f"The tables have version {stored}; this package needs version {version()}.",
            "Run `persistauth init-db`. It adds what is missing and deletes nothing.",
        )
    elif stored > version():
        yield warning(
            "tables-new",
            f"The tables have version {stored} of a newer package; this package knows version "
            f"{version()}.",
            "Update streamlit-persistauth here too.",
        )


def _check_clock(connection: Connection, deployment: Deployment) -> Iterator[Finding]:
    """Find a clock that differs, by which sign-ins would expire at the wrong time."""
    theirs = time_of(connection)
    if theirs is not None:
        yield from check_clock(deployment.clock() - theirs, "the database's")


def time_of(connection: Connection) -> datetime | None:
    """Return the time of a database; None for SQLite, which uses the clock of this machine."""
    query = TIMES.get(connection.dialect.name)
    theirs = None if query is None else connection.execute(query).scalar()
    return as_utc(theirs) if isinstance(theirs, datetime) else None


def check_clock(apart: timedelta, theirs: str) -> Iterator[Finding]:
    """Find a clock of this machine that differs from another one.

    Args:
        apart: How far this machine's clock is ahead.
        theirs: The other clock.
    """
    if abs(apart) > _TOLERANCE:
        seconds = round(abs(apart.total_seconds()))
        which = "ahead of" if apart > timedelta() else "behind"
        yield warning(
            "clock-skewed",
            f"This machine's clock is {seconds} seconds {which} {theirs}. Sign-ins follow the "
            "clock of their store; logs, and a user table of the app, show other times.",
            "Synchronise both clocks with NTP.",
        )


def _check_hash_costs(connection: Connection, deployment: Deployment) -> Iterator[Finding]:
    """Find a hash that costs much more than the setting, and so slows down every sign-in."""
    if argument(deployment.app, None, "users") is not None:  # accounts are elsewhere
        return
    if users.name not in inspect(connection).get_table_names():
        return
    try:
        highest = SQLUserStore(Database(connection.engine, tables=())).highest_hash_cost()
    except StoreError:  # another table of this name
        return
    rounds = deployment.settings.bcrypt_rounds
    if highest > rounds + COST_MARGIN:
        yield warning(
            "hash-expensive",
            f"A stored password hash has a cost of {highest}, and PERSISTAUTH_BCRYPT_ROUNDS is "
            f"{rounds}. Every sign-in takes as long as with that hash, {2 ** (highest - rounds)} "
            "times as long as otherwise, so that its time does not reveal which accounts exist.",
            "Let the user of the hash sign in or reset the password, which replaces it, or delete "
            "the account.",
        )


def _check_login_names(connection: Connection, deployment: Deployment) -> Iterator[Finding]:
    """Find accounts without the name that users sign in with."""
    if argument(deployment.app, None, "users") is not None:  # accounts are elsewhere
        return
    existing = inspect(connection)
    by = deployment.settings.login_by
    if users.name not in existing.get_table_names():
        return
    columns = {item["name"]: item for item in existing.get_columns(users.name)}
    if not {"id", *LOGIN_NAMES} <= columns.keys():  # old tables, or another table of this name
        return
    fields = LOGIN_NAMES if by is LoginBy.EITHER else (by.value,)
    missing = [or_(users.c[field].is_(None), users.c[field] == "") for field in fields]
    count = connection.execute(select(func.count(users.c.id)).where(*missing)).scalar()
    if count:
        yield warning(
            "no-login-name",
            f"Accounts without {' and '.join(_NAMES[field] for field in fields)}: {count}. They "
            f"can't sign in while PERSISTAUTH_LOGIN_BY is `{by.value}`.",
            "Add what is missing, for example with `persistauth users`, or set "
            "PERSISTAUTH_LOGIN_BY to what these accounts have.",
        )
    for field in LOGIN_NAMES:
        required = not columns[field]["nullable"] and columns[field]["default"] is None
        if required and by.value != field:
            yield _required(field, connection)


def _required(field: str, connection: Connection) -> Finding:
    """Return the finding for a login name that accounts may lack and the table requires."""
    is_sqlite = connection.dialect.name == "sqlite"
    return warning(
        f"{field}-required",
        f"The column `{field}` of the table `users` is NOT NULL, so an account without "
        f"{_NAMES[field]} can't be created.",
        "Remove NOT NULL from the column."
        + (" SQLite needs a copy of the table: sqlite.org/lang_altertable.html, 7." * is_sqlite),
    )


def _check_administrators(connection: Connection, deployment: Deployment) -> Iterator[Finding]:
    """Find accounts without an administrator among them."""
    if argument(deployment.app, None, "users") is not None:  # accounts are elsewhere
        return
    if users.name not in inspect(connection).get_table_names():
        return
    store = SQLUserStore(Database(connection.engine, tables=()))
    try:
        has_accounts = not store.is_empty()
        found = store.page(UserQuery(role=ADMIN, status="active", limit=1)).total
    except StoreError:  # old tables, or another table of this name
        return
    if has_accounts and not found:
        yield note(
            "no-administrator",
            f"No active account has the role `{ADMIN}`, so no user can open the admin panel.",
            f"Run `persistauth users roles USER {ADMIN}`.",
        )


def _has_no_account(engine: Engine | None) -> bool:
    if engine is None:
        return False
    name = engine.url.database
    if engine.dialect.name == "sqlite" and not (name and Path(name).exists()):
        return True
    try:
        with quiet(), Database(engine, tables=()).guarded(), engine.connect() as connection:
            if users.name not in inspect(connection).get_table_names():
                return True
            return connection.execute(select(users.c.id).limit(1)).first() is None
    except StoreError:
        return False
