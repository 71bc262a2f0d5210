"""`persistauth schema`."""

import click

from streamlit_persistauth.stores.sql.schema import DIALECTS, print_schema


@click.command()
@click.option("--dialect", type=click.Choice(DIALECTS), default="sqlite", show_default=True)
def schema(dialect: str) -> None:
    """Print the statements that make the tables, for your own migrations."""
    click.echo(print_schema(dialect), nl=False)
