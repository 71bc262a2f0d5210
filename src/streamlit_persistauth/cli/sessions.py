"""`persistauth sessions`."""

from dataclasses import asdict
from itertools import islice

import click

from streamlit_persistauth.cli.accounts import open_accounts
from streamlit_persistauth.cli.lookup import find_user
from streamlit_persistauth.cli.options import database_option, examples, reporting
from streamlit_persistauth.cli.report import CUT, Moment, Refused, Report
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.wiring.services import AppConfig, services_for


@click.group()
def sessions() -> None:
    """List and revoke sign-ins."""


@sessions.command(
    "list",
    epilog=examples(
        "persistauth sessions list", "persistauth sessions list --user ada@example.org --json"
    ),
)
@click.option("--user", metavar="USER", help="Only sign-ins of this user.")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="The largest number of sign-ins to list.",
)
@database_option
@reporting
def list_sessions(report: Report, *, user: str | None, limit: int, database: str | None) -> None:
    """List live sign-ins, newest first."""
    services = (
        services_for(AppConfig(database)) if user is None else open_accounts(report, database)
    )
    if user is None:
        found = list(islice(services.session_queries.every(), limit))
    else:
        found = services.sessions.live(find_user(services, user).user.id)[:limit]
    owners = services.user_admin.owners(session.user_id for session in found)
    rows = [(session, owners.get(session.user_id)) for session in found]
    report.table(
        ("User", "Last used (UTC)", "Address", "Id", CUT),
        [
            (
                services.login_names.name_of(owner.user) if owner else session.user_id,
                Moment(session.last_used_at),
                session.ip_address,
                session.id,
                session.user_agent,
            )
            for session, owner in rows
        ],
        facts={"sessions": [asdict(session) | _names(owner) for session, owner in rows]},
        empty="No users are signed in.",
    )


@sessions.command(
    epilog=examples(
        "persistauth sessions revoke 0f8fad5bd9cb469fa16570867728950e",
        "persistauth sessions revoke --user ada@example.org",
    )
)
@click.argument("session_id", metavar="[ID]", required=False)
@click.option("--user", metavar="USER", help="Revoke all sign-ins and links of this user.")
@database_option
@reporting
def revoke(
    report: Report, *, session_id: str | None, user: str | None, database: str | None
) -> None:
    """Revoke a sign-in, or all of a user. Open pages show the sign-in form."""
    if (session_id is None) == (user is None):
        raise click.UsageError("Give either the id of a sign-in or --user.")
    services = (
        services_for(AppConfig(database)) if user is None else open_accounts(report, database)
    )
    if session_id is not None:
        if not services.user_admin.end_session(session_id):
            raise Refused("not_found", f"There is no sign-in {session_id}.")
        revoked = 1
    else:
        revoked = services.user_admin.sign_out(find_user(services, user or "").user.id)
    report.say(f"{revoked} sign-in{'' if revoked == 1 else 's'} revoked.", revoked=revoked)


def _names(owner: UserRecord | None) -> dict[str, str]:
    """Return the email address and the username of an account; empty if it no longer exists."""
    return {name: owner.user[name] if owner else "" for name in ("email", "username")}
