"""`persistauth users`."""

from collections.abc import Callable
from typing import Any

import click

from streamlit_persistauth.cli.lookup import find_user
from streamlit_persistauth.cli.options import (
    ask_password,
    database_option,
    examples,
    reporting,
)
from streamlit_persistauth.cli.report import Moment, Refused, Report, printable
from streamlit_persistauth.core.accounts.mails import link_path
from streamlit_persistauth.core.accounts.roles import clean_roles
from streamlit_persistauth.core.storage.queries import UserQuery, UserSort, status_of
from streamlit_persistauth.core.storage.records import TokenType, UserRecord
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

SORTS: tuple[UserSort, ...] = ("email", "full_name", "created_at", "last_login_at")
user_argument = click.argument("user", metavar="EMAIL_OR_ID")


@click.group()
def users() -> None:
    """Make, find and change accounts."""


@users.command(
    epilog=examples(
        "persistauth users add ada@example.org --name 'Ada Lovelace' --role admin",
        "persistauth users add bob@example.org --invite",
        "pass show app/ada | persistauth users add ada@example.org --password-stdin",
    )
)
@click.argument("email")
@click.option("--name", default="", help="What the person calls themselves.")
@click.option("--role", "roles", multiple=True, help="A role; may be given several times.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--invite", is_flag=True, help="Let the owner choose the password, by a link.")
@database_option
@reporting
def add(
    report: Report,
    *,
    email: str,
    name: str,
    roles: tuple[str, ...],
    password_stdin: bool,
    invite: bool,
    database: str | None,
) -> None:
    """Make an account; its password is asked for, or chosen by who is invited."""
    if invite and password_stdin:
        raise click.UsageError("Who is invited chooses a password: --invite or --password-stdin.")
    services = services_for(AppConfig(database))
    names = clean_roles(roles)
    if invite:
        _invite(report, services, email, name, names)
        return
    password = ask_password(from_stdin=password_stdin)
    made = services.accounts.register(email, password, full_name=name, roles=names)
    report.say(f"{made.user.email} has an account.", **_facts(made))


@users.command(
    "list",
    epilog=examples(
        "persistauth users list --role admin",
        "persistauth users list --find lovelace --sort last_login_at --descending",
    ),
)
@click.option("--find", "text", default="", help="Part of an address or name.")
@click.option("--role", help="Only those with this role.")
@click.option("--status", type=click.Choice(("active", "disabled", "pending")))
@click.option("--sort", type=click.Choice(SORTS), default="email", show_default=True)
@click.option("--descending", is_flag=True, help="Backwards.")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="How many to leave out.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most."
)
@database_option
@reporting
def list_users(report: Report, *, database: str | None, **wanted: Any) -> None:  # noqa: ANN401 - of UserQuery
    """List accounts."""
    page = services_for(AppConfig(database)).user_admin.find(UserQuery(**wanted))
    more = page.total - len(page.users)
    is_filtered = any(wanted[name] for name in ("text", "role", "status", "offset"))
    report.table(
        ("Email", "Name", "Roles", "Status", "Last login (UTC)", "Id"),
        [
            (
                record.user.email,
                record.user.full_name,
                record.user.roles,
                status_of(record),
                Moment(record.user.last_login_at),
                record.user.id,
            )
            for record in page.users
        ],
        facts={"total": page.total, "users": [_facts(record) for record in page.users]},
        empty="No users match." if is_filtered else "No accounts yet.",
        note=f"{len(page.users)} of {page.total} accounts." if more else "",
    )


@users.command(epilog=examples("persistauth users show ada@example.org"))
@user_argument
@database_option
@reporting
def show(report: Report, *, user: str, database: str | None) -> None:
    """Show an account and where it is signed in."""
    services = services_for(AppConfig(database))
    found = find_user(services, user)
    live = len(services.sessions.live(found.user.id))
    facts = {**_facts(found), "sessions": live}
    rows = [(name.replace("_", " "), value) for name, value in facts.items()]
    report.table(("What", "Is"), rows, facts=facts, empty="")


def _command(name: str, summary: str, said: str, act: Callable[[Services, str], object]) -> None:
    """Add a command that does one thing to one account."""

    @users.command(name, help=summary, epilog=examples(f"persistauth users {name} ada@example.org"))
    @user_argument
    @database_option
    @reporting
    def command(report: Report, *, user: str, database: str | None) -> None:
        services = services_for(AppConfig(database))
        found = find_user(services, user)
        act(services, found.user.id)
        report.say(f"{found.user.email} {said}.", **_facts(find_user(services, found.user.id)))


_command(
    "disable",
    "Keep somebody from signing in, and sign them out everywhere.",
    "can't sign in any more",
    lambda services, user_id: services.user_admin.disable(user_id),
)
_command(
    "enable",
    "Let somebody sign in again.",
    "can sign in again",
    lambda services, user_id: services.user_admin.enable(user_id),
)


@users.command(
    epilog=examples(
        "persistauth users roles ada@example.org admin editor",
        "persistauth users roles ada@example.org --none",
    )
)
@user_argument
@click.argument("names", metavar="[ROLE]...", nargs=-1)
@click.option("--none", "takes_all", is_flag=True, help="Take all roles away.")
@database_option
@reporting
def roles(
    report: Report, *, user: str, names: tuple[str, ...], takes_all: bool, database: str | None
) -> None:
    """Give somebody these roles and no others."""
    if bool(names) == takes_all:
        raise click.UsageError("Name the roles, or say --none.")
    services = services_for(AppConfig(database))
    found = find_user(services, user)
    services.user_admin.set_roles(found.user.id, names)
    facts = _facts(find_user(services, found.user.id))
    listed = ", ".join(facts["roles"]) or "no roles"
    report.say(f"{found.user.email} has {listed}.", **facts)


@users.command(epilog=examples("persistauth users reset ada@example.org"))
@user_argument
@database_option
@reporting
def reset(report: Report, *, user: str, database: str | None) -> None:
    """Have somebody choose a new password: by mail, or by a link printed here.

    Nobody's password is ever set here. The present one goes on until the link is used, which
    counts for an hour and once.
    """
    services = services_for(AppConfig(database))
    found = find_user(services, user)
    started = services.user_admin.start_reset(found.user.id)
    if started is None:
        raise Refused(
            "no_reset", "This account is disabled, or waits for its invitation to be accepted."
        )
    if started.token is None:
        report.say(
            f"A link is on its way to {found.user.email}.", email=found.user.email, sent=True
        )
        return
    _hand_over(report, services, found, TokenType.RESET, started.token)


@users.command(epilog=examples("persistauth users delete ada@example.org --yes"))
@user_argument
@click.option("--yes", is_flag=True, help="Don't ask.")
@database_option
@reporting
def delete(report: Report, *, user: str, yes: bool, database: str | None) -> None:
    """Delete an account with its sign-ins. It can't be undone; `disable` can."""
    services = services_for(AppConfig(database))
    found = find_user(services, user)
    if not yes:
        click.confirm(f"Delete {printable(found.user.email)} for good?", abort=True, err=True)
    services.user_admin.delete(found.user.id)
    report.say(f"{found.user.email} is deleted.", id=found.user.id, deleted=True)


def _invite(
    report: Report, services: Services, email: str, name: str, names: tuple[str, ...]
) -> None:
    token = services.invitations.create(email, full_name=name, roles=names)
    made = find_user(services, email)
    if services.mails.can_link:
        report.say(f"An invitation is on its way to {made.user.email}.", **_facts(made), sent=True)
        return
    _hand_over(report, services, made, TokenType.INVITATION, token)


def _hand_over(
    report: Report, services: Services, owner: UserRecord, purpose: TokenType, token: str
) -> None:
    """Print what to give to the owner of an account, and to nobody else."""
    link = services.mails.link(purpose, token)
    path = link or link_path(purpose, token)
    where = "this link" if link else "the address of your app with this behind it"
    report.show(
        {"email": owner.user.email, "sent": False, "link": link, "path": path},
        f"Give {owner.user.email}, and nobody else, {where}:",
        path,
    )


def _facts(record: UserRecord) -> dict[str, Any]:
    """Return what an operator may know of an account, which is not its hash."""
    return {**record.user, "status": status_of(record)}
