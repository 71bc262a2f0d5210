"""`persistauth purge`."""

import click

from streamlit_persistauth.cli.options import database_option, examples, reporting
from streamlit_persistauth.cli.report import Report
from streamlit_persistauth.core.arguments import days
from streamlit_persistauth.wiring.services import AppConfig, services_for


@click.command(epilog=examples("persistauth purge", "persistauth purge --older-than-days 7"))
@database_option
@click.option(
    "--older-than-days",
    type=float,
    default=30,
    show_default=True,
    help="Delete what expired at least this long ago.",
)
@reporting
def purge(report: Report, *, database: str | None, older_than_days: float) -> None:
    """Delete sign-ins, links and counters that expired long ago.

    Also delete accounts of that age, and at least a week old, whose address was never confirmed,
    and events older than PERSISTAUTH_EVENT_RETENTION_DAYS. Rows are deleted in batches, so other
    queries do not wait for long.
    """
    age = days(older_than_days, "--older-than-days")
    purge = services_for(AppConfig(database)).purge
    with report.working("Deleting expired rows"):
        deleted = purge.purge(older_than=age)
    rows = "row" if deleted == 1 else "rows"
    report.say(f"{deleted} {rows} deleted.", deleted=deleted)
