"""`persistauth stats`."""

from dataclasses import asdict

import click

from streamlit_persistauth.cli.options import database_option, examples, reporting
from streamlit_persistauth.cli.report import Moment, Report
from streamlit_persistauth.parts import Blueprint, parts_for


@click.command(epilog=examples("persistauth stats", "persistauth stats --json"))
@database_option
@reporting
def stats(report: Report, *, database: str | None) -> None:
    """Count sign-ins and other tokens, live and expired."""
    found = parts_for(Blueprint(database)).housekeeping.stats()
    kinds = sorted(found.by_type.items())
    report.table(
        ("Type", "Live", "Expired", "Oldest (UTC)"),
        [(kind, tally.live, tally.expired, Moment(tally.oldest)) for kind, tally in kinds],
        facts={
            "live": found.live,
            "expired": found.expired,
            "oldest": found.oldest,
            "by_type": {kind: asdict(tally) for kind, tally in kinds},
        },
        empty="There is nothing yet.",
    )
