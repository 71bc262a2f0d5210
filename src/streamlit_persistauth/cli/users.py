"""`persistauth users`."""

import shlex
from collections.abc import Callable
from typing import Any

import click

from streamlit_persistauth.cli.accounts import open_accounts
from streamlit_persistauth.cli.lookup import find_user
from streamlit_persistauth.cli.options import (
    ask_password,
    database_option,
    examples,
    reporting,
)
from streamlit_persistauth.cli.report import Moment, Refused, Report, printable
from streamlit_persistauth.core.accounts.mails import link_path
from streamlit_persistauth.core.accounts.roles import ADMIN, clean_roles
from streamlit_persistauth.core.storage.queries import UserQuery, UserSort, status_of
from streamlit_persistauth.core.storage.records import TokenType, UserRecord
from streamlit_persistauth.wiring.services import Services

SORTS: tuple[UserSort, ...] = ("email", "username", "full_name", "created_at", "last_login_at")
user_argument = click.argument("user", metavar="USER")


@click.group()
def users() -> None:
    """Create, list and change accounts.

    USER is an email address, a username or the id of an account.
    """


@users.command(
    epilog=examples(
        "persistauth users add ada@example.org --name 'Ada Lovelace' --role admin",
        "persistauth users add bob@example.org --invite",
        "persistauth users add --username carol",
        "pass show app/ada | persistauth users add ada@example.org --password-stdin",
    )
)
@click.argument("email", required=False, default="")
@click.option("--username", default="", help="The username; see PERSISTAUTH_LOGIN_BY.")
@click.option("--name", default="", help="The full name of the user.")
@click.option("--role", "roles", multiple=True, help="A role; can be repeated.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--invite", is_flag=True, help="Let the user choose the password, by a link.")
@database_option
@reporting
def add(
    report: Report,
    *,
    email: str,
    username: str,
    name: str,
    roles: tuple[str, ...],
    password_stdin: bool,
    invite: bool,
    database: str | None,
) -> None:
    """Create an account. Enter its password, or invite the user to choose one."""
    if not email and not username:
        raise click.UsageError("Give an email address, --username or both.")
    if invite and password_stdin:
        raise click.UsageError("Use either --invite or --password-stdin, not both.")
    services = open_accounts(report, database)
    names = clean_roles(roles)
    is_first = services.accounts.is_empty()
    if invite:
        _invite(report, services, email, username=username, full_name=name, roles=names)
    else:
        password = ask_password(from_stdin=password_stdin)
        made = services.accounts.register(
            email, password, username=username, full_name=name, roles=names
        )
        report.say(f"{_name(services, made)} has an account.", **_facts(made))
    if is_first and ADMIN not in names and not report.as_json:
        command = ("persistauth", "users", "roles", email or username, ADMIN, *names)
        report.warn(
            f"This is the first account, and it is no administrator. `{shlex.join(command)}` gives "
            "it the role."
        )


@users.command(
    "list",
    epilog=examples(
        "persistauth users list --role admin",
        "persistauth users list --find lovelace --sort last_login_at --descending",
    ),
)
@click.option(
    "--find",
    "text",
    default="",
    help="Only accounts with this text in the address, username or name.",
)
@click.option("--role", help="Only accounts with this role.")
@click.option(
    "--status",
    type=click.Choice(("active", "disabled", "pending")),
    help="Only accounts with this status.",
)
@click.option(
    "--sort",
    type=click.Choice(SORTS),
    default="email",
    show_default=True,
    help="The field to sort by.",
)
@click.option("--descending", is_flag=True, help="Sort in descending order.")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Skip this many accounts.")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=50,
    show_default=True,
    help="The largest number of accounts to list.",
)
@database_option
@reporting
def list_users(report: Report, *, database: str | None, **filters: Any) -> None:  # noqa: ANN401 - of UserQuery
    """List accounts."""
    page = open_accounts(report, database).user_admin.find(UserQuery(**filters))
    more = page.total - len(page.users)
    is_filtered = any(filters[name] for name in ("text", "role", "status", "offset"))
    has_usernames = any(record.user.username for record in page.users)
    report.table(
        (
            "Email",
            *(("Username",) if has_usernames else ()),
            "Name",
            "Roles",
            "Status",
            "Last login (UTC)",
            "Id",
        ),
        [
            (
                record.user.email,
                *((record.user.username,) if has_usernames else ()),
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
    """Show an account and the number of its live sign-ins."""
    services = open_accounts(report, database)
    found = find_user(services, user)
    live = len(services.sessions.live(found.user.id))
    facts = {**_facts(found), "sessions": live}
    rows = [(name.replace("_", " "), value) for name, value in facts.items()]
    report.table(("Field", "Value"), rows, facts=facts, empty="")


def _command(name: str, summary: str, result: str, act: Callable[[Services, str], object]) -> None:
    """Add a command that changes one account."""

    @users.command(name, help=summary, epilog=examples(f"persistauth users {name} ada@example.org"))
    @user_argument
    @database_option
    @reporting
    def command(report: Report, *, user: str, database: str | None) -> None:
        services = open_accounts(report, database)
        found = find_user(services, user)
        act(services, found.user.id)
        report.say(
            f"{_name(services, found)} {result}.",
            **_facts(find_user(services, found.user.id)),
        )


_command(
    "disable",
    "Disable an account and revoke its sign-ins.",
    "is disabled",
    lambda services, user_id: services.user_admin.disable(user_id),
)
_command(
    "enable",
    "Enable a disabled account.",
    "is enabled",
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
@click.option("--none", "remove_all", is_flag=True, help="Remove all roles.")
@database_option
@reporting
def roles(
    report: Report, *, user: str, names: tuple[str, ...], remove_all: bool, database: str | None
) -> None:
    """Set the roles of a user. Other roles are removed."""
    if bool(names) == remove_all:
        raise click.UsageError("Give either roles or --none.")
    services = open_accounts(report, database)
    found = find_user(services, user)
    services.user_admin.set_roles(found.user.id, names)
    facts = _facts(find_user(services, found.user.id))
    listed = ", ".join(facts["roles"]) or "no roles"
    report.say(f"{_name(services, found)} has {listed}.", **facts)


@users.command(
    epilog=examples(
        "persistauth users username ada@example.org ada",
        "persistauth users username ada@example.org --none",
    )
)
@user_argument
@click.argument("name", metavar="[USERNAME]", required=False, default="")
@click.option("--none", "remove", is_flag=True, help="Remove the username.")
@database_option
@reporting
def username(report: Report, *, user: str, name: str, remove: bool, database: str | None) -> None:
    """Set the username of a user. The user stays signed in."""
    if bool(name) == remove:
        raise click.UsageError("Give either a username or --none.")
    services = open_accounts(report, database)
    found = find_user(services, user)
    services.user_admin.set_username(found.user.id, name)
    facts = _facts(find_user(services, found.user.id))
    named = f"the username {facts['username']}" if name else "no username"
    report.say(f"{_name(services, found)} has {named}.", **facts)


@users.command(epilog=examples("persistauth users reset ada@example.org"))
@user_argument
@database_option
@reporting
def reset(report: Report, *, user: str, database: str | None) -> None:
    """Let a user choose a new password, by a link that is mailed or printed.

    The link is valid for an hour, and once. The current password stays valid until then.
    """
    services = open_accounts(report, database)
    found = find_user(services, user)
    started = services.user_admin.start_reset(found.user.id)
    if started is None:
        raise Refused(
            "no_reset", "The account is disabled, or its invitation has not been accepted."
        )
    if started.token is None:
        report.say(
            f"A link is being sent to {found.user.email}.", email=found.user.email, sent=True
        )
        return
    _print_link(report, services, found, TokenType.RESET, started.token)


@users.command(epilog=examples("persistauth users delete ada@example.org --yes"))
@user_argument
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@database_option
@reporting
def delete(report: Report, *, user: str, yes: bool, database: str | None) -> None:
    """Delete an account and its sign-ins. This cannot be undone; `disable` can."""
    services = open_accounts(report, database)
    found = find_user(services, user)
    if not yes:
        click.confirm(
            f"Permanently delete {printable(_name(services, found))}?",
            abort=True,
            err=True,
        )
    services.user_admin.delete(found.user.id)
    report.say(f"{_name(services, found)} is deleted.", id=found.user.id, deleted=True)


def _invite(report: Report, services: Services, email: str, **details: Any) -> None:  # noqa: ANN401 - of the account
    token = services.invitations.create(email, **details)
    made = find_user(services, email or details["username"])
    if services.mails.can_link and email:
        report.say(f"An invitation is being sent to {made.user.email}.", **_facts(made), sent=True)
        return
    _print_link(report, services, made, TokenType.INVITATION, token)


def _print_link(
    report: Report, services: Services, owner: UserRecord, purpose: TokenType, token: str
) -> None:
    """Print a link, or its path, which the operator passes on to the user."""
    link = services.mails.link(purpose, token)
    path = link or link_path(purpose, token)
    where = "this link" if link else "the address of your app, followed by this,"
    report.show(
        {
            "email": owner.user.email,
            "username": owner.user.username,
            "sent": False,
            "link": link,
            "path": path,
        },
        f"Give {where} to {_name(services, owner)} and to no one else:",
        path,
    )


def _facts(record: UserRecord) -> dict[str, Any]:
    """Return an account as JSON data, without its password hash."""
    return {**record.user, "status": status_of(record)}


def _name(services: Services, record: UserRecord) -> str:
    """Return the name of an account in messages."""
    return services.login_names.name_of(record.user)
