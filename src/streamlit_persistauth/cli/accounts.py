"""Opens the accounts of an app, unless it keeps them where commands can't find them."""

from typing import Final

from sqlalchemy import Connection, inspect

from streamlit_persistauth.cli.report import Refused, Report
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.tables import auth_tokens, users
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

_REMEDY: Final = "manage them in the admin panel of the app, or by `auth.users` in Python."


def open_accounts(report: Report, database: str | None) -> Services:
    """Return the services of an app whose accounts are in the table `users` of the library.

    An app with a table or store of its own leaves two traces in its database: the table of
    sign-ins has no foreign key to `users`, and `users` is missing, or empty if a command has
    created it. A table `users` without the columns of the library is the app's own.

    Raises:
        Refused: The app keeps its accounts in a table or store of its own.
        StoreError: The database does not answer.
    """
    services = services_for(AppConfig(database))
    engine = services.database.engine
    with Database(engine, tables=()).guarded(), engine.connect() as connection:
        is_apart, has_table = _is_apart(connection), _has_table(connection)
    if is_apart and not has_table:
        raise Refused(
            "accounts_elsewhere",
            "The app keeps its accounts in a table or store of its own, which this command does "
            f"not know: {_REMEDY}",
        )
    if is_apart and services.accounts.is_empty():
        report.warn(
            "The table `users` of the library is empty, and the app seems to keep its accounts in "
            f"a table or store of its own: {_REMEDY}"
        )
    return services


def _is_apart(connection: Connection) -> bool:
    """Return whether sign-ins refer to no table of accounts."""
    found = inspect(connection)
    return found.has_table(auth_tokens.name) and not found.get_foreign_keys(auth_tokens.name)


def _has_table(connection: Connection) -> bool:
    """Return whether there is a table `users` of the library, or one that it has completed."""
    found = inspect(connection)
    if not found.has_table(users.name):
        return False
    columns = {column["name"] for column in found.get_columns(users.name)}
    return {"id", "email", "password_hash", "security_stamp"} <= columns
