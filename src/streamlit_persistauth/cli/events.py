"""`persistauth events`."""

from dataclasses import asdict
from datetime import datetime, timezone

import click

from streamlit_persistauth.cli.accounts import open_accounts
from streamlit_persistauth.cli.lookup import find_user
from streamlit_persistauth.cli.options import database_option, examples, reporting
from streamlit_persistauth.cli.report import CUT, Moment, Report
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.storage.queries import EventQuery
from streamlit_persistauth.wiring.services import AppConfig, services_for

TIME = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"])


@click.command(
    epilog=examples(
        "persistauth events --type login_failed --since 2026-01-31",
        "persistauth events --user ada@example.org --json",
        "persistauth events --csv --limit 1000000 > events.csv",
    )
)
@click.option("--user", metavar="USER", help="Only events of this user.")
@click.option(
    "--type",
    "types",
    multiple=True,
    type=click.Choice([item.value for item in EventType]),
    metavar="TYPE",
    help="Only events of this type, such as login_failed; can be repeated.",
)
@click.option("--since", type=TIME, help="Only events at or after this time, in UTC.")
@click.option("--until", type=TIME, help="Only events before this time, in UTC.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="The largest number of events to list.",
)
@click.option("--csv", "as_csv", is_flag=True, help="Print CSV, for spreadsheets.")
@database_option
@reporting
def events(
    report: Report,
    *,
    user: str | None,
    types: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_csv: bool,
    database: str | None,
) -> None:
    """List events, newest first."""
    if as_csv and report.as_json:
        raise click.UsageError("Use either --csv or --json, not both.")
    services = (
        services_for(AppConfig(database)) if user is None else open_accounts(report, database)
    )
    query = EventQuery(
        user_id=find_user(services, user).user.id if user else None,
        types=types,
        since=_utc(since),
        until=_utc(until),
        limit=limit,
    )
    if as_csv:
        for piece in services.event_log.export(query):
            click.echo(piece, nl=False)
        return
    found = services.event_log.find(query)
    names = services.user_admin.names(event.user_id for event in found)
    report.table(
        ("Time (UTC)", "Event", "User", "Address", "Details", CUT),
        [
            (
                Moment(event.created_at),
                event.event_type,
                names.get(event.user_id or "", event.user_id),
                event.ip_address,
                ", ".join(f"{name}: {value}" for name, value in event.details.items()),
                event.user_agent,
            )
            for event in found
        ],
        facts={"events": [asdict(event) for event in found]},
        empty="No events match.",
    )


def _utc(time: datetime | None) -> datetime | None:
    return time.replace(tzinfo=timezone.utc) if time else None
