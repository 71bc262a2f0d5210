"""`persistauth init-db`."""

import click

from streamlit_persistauth.authenticator import Authenticator
from streamlit_persistauth.cli.options import database_option, told_in_one_line


@click.command("init-db")
@database_option
def init_db(database: str | None) -> None:
    """Create the tables that are not there yet."""
    with told_in_one_line():
        Authenticator(database).init_db()
    click.echo("The tables are there.")
