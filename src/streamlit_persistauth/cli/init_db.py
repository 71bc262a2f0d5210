"""`persistauth init-db`."""

import click

from streamlit_persistauth.cli.options import database_option, examples, reporting
from streamlit_persistauth.cli.report import Report
from streamlit_persistauth.stores.sql.schema import version
from streamlit_persistauth.wiring.services import AppConfig, services_for


@click.command(
    "init-db",
    epilog=examples(
        "persistauth init-db", "persistauth init-db --database postgresql://app@host/app"
    ),
)
@database_option
@reporting
def init_db(report: Report, *, database: str | None) -> None:
    """Create missing tables."""
    services_for(AppConfig(database)).database.create_tables()
    report.say("The tables are ready.", ready=True, version=version())
