"""`persistauth import`."""

from collections.abc import Sequence
from pathlib import Path

import click

from streamlit_persistauth.cli.accounts import open_accounts
from streamlit_persistauth.cli.options import database_option, examples, reporting
from streamlit_persistauth.cli.report import Report
from streamlit_persistauth.core.accounts.imports import ImportedAccount, ImportResult
from streamlit_persistauth.importing.csv_file import read_csv
from streamlit_persistauth.importing.sql_table import read_table
from streamlit_persistauth.importing.streamlit_authenticator import read_config

URL_VARIABLE = "IMPORT_DATABASE_URL"

file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="List what would be imported, and import nothing."
)


def _to_columns(_context: object, _option: object, value: str | None) -> dict[str, str]:
    """Return columns by field from pairs such as `email=login,password_hash=pwhash`."""
    pairs = [pair.partition("=") for pair in value.split(",")] if value else []
    if not all(field.strip() and column.strip() for field, _, column in pairs):
        raise click.BadParameter("pairs are expected, as in email=login,password_hash=pwhash")
    return {field.strip(): column.strip() for field, _, column in pairs}


columns_option = click.option(
    "--columns",
    metavar="FIELD=COLUMN,...",
    callback=_to_columns,
    help="The columns of the fields email, username, password_hash, full_name, roles, is_active "
    "and created_at. Not needed for columns with the usual names.",
)


@click.group("import")
def import_() -> None:
    """Import accounts from another system, with their password hashes.

    Existing accounts are never changed. Users keep their passwords; an imported bcrypt hash is
    replaced at the user's first sign-in.
    """


@import_.command(
    "streamlit-authenticator",
    epilog=examples(
        "persistauth import streamlit-authenticator config.yaml --dry-run",
        "persistauth import streamlit-authenticator config.yaml --domain example.org",
    ),
)
@file_argument
@click.option("--domain", help="Use NAME@DOMAIN as the address of a user who has none.")
@dry_run_option
@database_option
@reporting
def from_streamlit_authenticator(
    report: Report, *, file: Path, domain: str | None, dry_run: bool, database: str | None
) -> None:
    """Import the users in a FILE of streamlit-authenticator, usually config.yaml.

    PERSISTAUTH_LOGIN_BY decides whether users sign in by username, by email address or by either.
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
    """Import the accounts in a CSV FILE, in UTF-8 with a header line."""
    _import_accounts(report, database, read_csv(file, columns), source="csv", dry_run=dry_run)


@import_.command(
    "sql",
    epilog=examples(
        "persistauth import sql mysql://root@localhost/old --table users",
        f"{URL_VARIABLE}=mysql://… persistauth import sql --columns email=login",
    ),
)
@click.argument("url", envvar=URL_VARIABLE)
@click.option("--table", default="users", show_default=True, help="The table with the accounts.")
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
    """Import the accounts in a table of the database at URL, which is not changed.

    Other users of the machine can read the arguments of a command, so put a URL that contains a
    password in IMPORT_DATABASE_URL.
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
    """Import accounts and print those that were skipped."""
    imports = open_accounts(report, database).imports
    results: list[ImportResult] = []
    with report.working("Importing accounts", total=len(accounts)) as advance:
        for result in imports.import_accounts(accounts, source=source, dry_run=dry_run):
            results.append(result)
            advance()
    _print_results(report, results, dry_run=dry_run)


def _print_results(report: Report, results: list[ImportResult], *, dry_run: bool) -> None:
    skipped = [result for result in results if result.skipped is not None]
    imported = [result for result in results if result.skipped is None]
    verb = "would be imported" if dry_run else "imported"
    partial = [
        f"{result.label} {verb} in part: {result.note}" for result in imported if result.note
    ]
    if dry_run and imported and not report.as_json:
        report.table(
            ("Would be imported", "Email", "Username", "Roles"),
            [(result.label, result.email, result.username, result.roles) for result in imported],
            facts={},
            empty="",
        )
    note = "\n".join([*partial, f"{len(imported)} {verb}, {len(skipped)} skipped."])
    report.table(
        ("Skipped", "Email", "Username", "Reason"),
        [(result.label, result.email, result.username, result.skipped) for result in skipped],
        facts={
            "dry_run": dry_run,
            "imported": [
                {**_names(result), "roles": result.roles, "note": result.note}
                for result in imported
            ],
            "skipped": [{**_names(result), "reason": result.skipped} for result in skipped],
        },
        empty=note,
        note=note,
    )


def _names(result: ImportResult) -> dict[str, str]:
    return {"label": result.label, "email": result.email, "username": result.username}
