"""`persistauth stats`."""

from dataclasses import asdict

import click

from streamlit_persistauth.cli.options import database_option, examples, reporting
from streamlit_persistauth.cli.report import Moment, Report
from streamlit_persistauth.wiring.services import AppConfig, services_for


@click.command(epilog=examples("persistauth stats", "persistauth stats --json"))
@database_option
@reporting
def stats(report: Report, *, database: str | None) -> None:
    """Count live and expired sign-ins and other tokens."""
    found = services_for(AppConfig(database)).purge.stats()
    kinds = sorted(found.by_type.items())
    report.table(
        ("Type", "Live", "Expired", "Oldest (UTC)"),
        [(kind, counts.live, counts.expired, Moment(counts.oldest)) for kind, counts in kinds],
        facts={
            "live": found.live,
            "expired": found.expired,
            "oldest": found.oldest,
            "by_type": {kind: asdict(counts) for kind, counts in kinds},
        },
        empty="No sign-ins or tokens yet.",
    )
