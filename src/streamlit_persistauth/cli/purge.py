"""`persistauth purge`."""

from datetime import timedelta

import click

from streamlit_persistauth.cli.options import database_option, examples, reporting
from streamlit_persistauth.cli.report import Report
from streamlit_persistauth.parts import Blueprint, parts_for


@click.command(epilog=examples("persistauth purge", "persistauth purge --older-than-days 7"))
@database_option
@click.option(
    "--older-than-days",
    type=click.FloatRange(min=0, max=36_500),
    default=30,
    show_default=True,
    help="How long ago it has to have expired.",
)
@reporting
def purge(report: Report, *, database: str | None, older_than_days: float) -> None:
    """Delete what expired long ago, in small batches that keep nobody waiting.

    With it go accounts as old whose address was never proven, and events older than
    PERSISTAUTH_EVENT_RETENTION_DAYS.
    """
    housekeeping = parts_for(Blueprint(database)).housekeeping
    with report.working("Deleting what has expired"):
        deleted = housekeeping.purge(older_than=timedelta(days=older_than_days))
    rows = "row" if deleted == 1 else "rows"
    report.say(f"{deleted} {rows} deleted.", deleted=deleted)
