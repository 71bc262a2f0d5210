"""What several commands have in common."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from streamlit_persistauth.errors import AuthError, ConfigError

REFUSED = 1
MISCONFIGURED = 2

database_option = click.option(
    "--database",
    metavar="URL",
    help="The database, if not the one of PERSISTAUTH_DATABASE_URL.",
)


@contextmanager
def told_in_one_line() -> Iterator[None]:
    """End the command with one line and an exit status, where an error of ours stops it."""
    try:
        yield
    except AuthError as error:
        click.echo(f"persistauth: {error}", err=True)
        sys.exit(MISCONFIGURED if isinstance(error, ConfigError) else REFUSED)
