"""`persistauth schema`."""

import click

from streamlit_persistauth.cli.options import database_option_with, examples, reporting
from streamlit_persistauth.cli.report import Report
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.stores.sql.schema import DIALECTS, print_schema, version

DEFAULT = "sqlite"


@click.command(
    epilog=examples("persistauth schema --dialect postgresql", "persistauth schema > tables.sql")
)
@database_option_with("The database whose dialect is used.")
@click.option(
    "--dialect",
    type=click.Choice(DIALECTS),
    help="The dialect; by default that of --database, or sqlite.",
)
@reporting
def schema(report: Report, *, database: str | None, dialect: str | None) -> None:
    """Print the SQL statements that create the tables, for your own migrations."""
    dialect = dialect or (_dialect_of(database) if database else DEFAULT)
    statements = print_schema(dialect)
    report.show(
        {"dialect": dialect, "version": version(), "statements": statements}, statements.rstrip()
    )


def _dialect_of(database: str) -> str:
    name = open_engine(database).dialect.name
    if name not in DIALECTS:
        raise ConfigError("dialect", f"there are no statements for {name}.")
    return name
