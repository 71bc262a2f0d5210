"""The commands for accounts, beside an app that keeps its accounts in a table of its own."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from tests.cli.conftest import Run, refused
from tests.support.core_app import EMAIL, PASSWORD

from streamlit_persistauth import Authenticator
from streamlit_persistauth.stores.sql import SQLUserStore

URL = "sqlite:///persistauth.db"
COLUMNS = {"email": "login", "password_hash": "pwhash", "roles": "roles"}
REMEDY = "manage them in the admin panel of the app, or by `auth.users` in Python."
COMMANDS = [
    ("users", "list"),
    ("users", "show", EMAIL),
    ("users", "add", EMAIL, "--invite"),
    ("users", "roles", EMAIL, "admin"),
    ("users", "disable", EMAIL),
    ("sessions", "list", "--user", EMAIL),
    ("sessions", "revoke", "--user", EMAIL),
    ("events", "--user", EMAIL),
    ("import", "csv", "users.csv"),
]


def tables() -> list[str]:
    """Return the names of the tables in the database."""
    with create_engine(URL).connect() as connection:
        return sorted(connection.execute(text("SELECT name FROM sqlite_master")).scalars())


def own_app(table: str) -> None:
    """Run an app with accounts in a table of its own, until someone has tried to sign in."""
    engine = create_engine(URL)
    with engine.begin() as connection:
        connection.execute(
            text(f"CREATE TABLE {table} (id VARCHAR(36), login TEXT, pwhash TEXT, roles TEXT)")
        )
    auth = Authenticator(engine, users=SQLUserStore(engine, table=table, columns=COLUMNS))
    auth.register(EMAIL, PASSWORD)
    assert not auth.login(EMAIL, "wrong-Kettle-93").ok


@pytest.mark.parametrize("table", ["members", "users"])
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_refused(run: Run, command: tuple[str, ...], table: str) -> None:
    """They say in one line where the accounts are, and create no table."""
    Path("users.csv").write_text("email,password_hash\n")
    own_app(table)
    before = tables()
    line = refused(run(*command))
    assert line == (
        "persistauth: The app keeps its accounts in a table or store of its own, which this "
        f"command does not know: {REMEDY}"
    )
    assert tables() == before


def test_table_that_a_command_has_created(run: Run) -> None:
    """An empty table `users` of the library gets a warning, also with JSON."""
    own_app("members")
    assert run("stats").exit_code == 0
    for option in ((), ("--json",)):
        result = run("users", "list", *option)
        assert result.exit_code == 0
        assert result.stderr == (
            "persistauth: The table `users` of the library is empty, and the app seems to keep "
            f"its accounts in a table or store of its own: {REMEDY}\n"
        )


def test_others(run: Run) -> None:
    """Other commands work beside such an app."""
    own_app("members")
    for command in (("sessions", "list"), ("events",), ("purge",), ("setup-code",)):
        assert (run(*command).exit_code, run(*command).stderr) == (0, "")


def test_usual_app(run: Run) -> None:
    """An app with the table `users` of the library is managed, empty or not."""
    assert (run("users", "list").exit_code, run("users", "list").stderr) == (0, "")
    Authenticator().register(EMAIL, PASSWORD)
    assert EMAIL in run("users", "list").stdout
