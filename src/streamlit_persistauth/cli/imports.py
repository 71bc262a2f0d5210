"""`persistauth import`."""

from collections.abc import Sequence
from pathlib import Path

import click

from streamlit_persistauth.cli.options import database_option, examples, reporting
from streamlit_persistauth.cli.report import Report
from streamlit_persistauth.core.accounts.imports import ImportedAccount, ImportResult
from streamlit_persistauth.importing.csv_file import read_csv
from streamlit_persistauth.importing.sql_table import read_table
from streamlit_persistauth.importing.streamlit_authenticator import read_config
from streamlit_persistauth.wiring.services import AppConfig, services_for

URL_VARIABLE = "IMPORT_DATABASE_URL"

file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would happen, do nothing.")


def _to_columns(_context: object, _option: object, value: str | None) -> dict[str, str]:
    """Return columns by field, from pairs such as `email=login,password_hash=pwhash`."""
    pairs = [pair.partition("=") for pair in value.split(",")] if value else []
    if not all(field.strip() and column.strip() for field, _, column in pairs):
        raise click.BadParameter("pairs are expected, as in email=login,password_hash=pwhash")
    return {field.strip(): column.strip() for field, _, column in pairs}


columns_option = click.option(
    "--columns",
    metavar="FIELD=COLUMN,...",
    callback=_to_columns,
    help="Which column holds which of: email, password_hash, full_name, roles, is_active, "
    "created_at. Usual names are found without.",
)


@click.group("import")
def import_() -> None:
    """Take accounts in from elsewhere, with their passwords.

    An account that is there already is never changed. Everybody goes on with the password they
    have; its hash is made anew at their first sign-in.
    """


@import_.command(
    "streamlit-authenticator",
    epilog=examples(
        "persistauth import streamlit-authenticator config.yaml --dry-run",
        "persistauth import streamlit-authenticator config.yaml --domain example.org",
    ),
)
@file_argument
@click.option("--domain", help="Makes name@DOMAIN of a user name that has no address.")
@dry_run_option
@database_option
@reporting
def from_streamlit_authenticator(
    report: Report, *, file: Path, domain: str | None, dry_run: bool, database: str | None
) -> None:
    """Take in the users of streamlit-authenticator's FILE, mostly called config.yaml.

    People sign in with their address from then on, and no longer with a user name.
    """
    accounts = read_config(file, domain=domain)
    _import_accounts(report, database, accounts, source="streamlit-authenticator", dry_run=dry_run)


@import_.command(
    "csv",
    epilog=examples(
        "persistauth import csv users.csv",
        "persistauth import csv users.csv --columns email=Mail,password_hash=Hash",
    ),
)
@file_argument
@columns_option
@dry_run_option
@database_option
@reporting
def from_csv(
    report: Report, *, file: Path, columns: dict[str, str], dry_run: bool, database: str | None
) -> None:
    """Take in the accounts of a CSV FILE in UTF-8, with a line of headings."""
    _import_accounts(report, database, read_csv(file, columns), source="csv", dry_run=dry_run)


@import_.command(
    "sql",
    epilog=examples(
        "persistauth import sql mysql://root@localhost/old --table users",
        f"{URL_VARIABLE}=mysql://… persistauth import sql --columns email=login",
    ),
)
@click.argument("url", envvar=URL_VARIABLE)
@click.option("--table", default="users", show_default=True, help="The table of accounts.")
@columns_option
@dry_run_option
@database_option
@reporting
def from_sql(
    report: Report,
    *,
    url: str,
    table: str,
    columns: dict[str, str],
    dry_run: bool,
    database: str | None,
) -> None:
    """Take in the accounts of a table in the database at URL, which stays as it is.

    Others on the machine can read the arguments of a command. So give a URL that has a password
    in IMPORT_DATABASE_URL.
    """
    accounts = read_table(url, table, columns)
    _import_accounts(report, database, accounts, source="sql", dry_run=dry_run)


def _import_accounts(
    report: Report,
    database: str | None,
    accounts: Sequence[ImportedAccount],
    *,
    source: str,
    dry_run: bool,
) -> None:
    """Take accounts in, and tell of each that was left out."""
    imports = services_for(AppConfig(database)).imports
    outcomes: list[ImportResult] = []
    with report.working("Taking accounts in", total=len(accounts)) as advance:
        for outcome in imports.import_accounts(accounts, source=source, dry_run=dry_run):
            outcomes.append(outcome)
            advance()
    _tell(report, outcomes, dry_run=dry_run)


def _tell(report: Report, outcomes: list[ImportResult], *, dry_run: bool) -> None:
    skipped = [outcome for outcome in outcomes if outcome.skipped is not None]
    taken = [outcome for outcome in outcomes if outcome.skipped is None]
    verb = "would be taken in" if dry_run else "taken in"
    note = f"{len(taken)} {verb}, {len(skipped)} left out."
    report.table(
        ("Left out", "Email", "Why"),
        [(outcome.label, outcome.email, outcome.skipped) for outcome in skipped],
        facts={
            "dry_run": dry_run,
            "imported": [{"label": outcome.label, "email": outcome.email} for outcome in taken],
            "skipped": [
                {"label": outcome.label, "email": outcome.email, "reason": outcome.skipped}
                for outcome in skipped
            ],
        },
        empty=note,
        note=note,
    )
