"""Every action of a program, an administrator or an operator is recorded as an event."""

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bcrypt
import click
import pytest
from click.testing import CliRunner
from tests.support.core_app import EMAIL, PASSWORD, CoreApp

from streamlit_persistauth import Authenticator, AuthError, Users
from streamlit_persistauth.cli import main
from streamlit_persistauth.core.accounts.administration import UserAdmin
from streamlit_persistauth.core.sessions.key_strength import generate_key
from streamlit_persistauth.core.storage.queries import EventQuery
from streamlit_persistauth.models import User
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

OTHER = "bob@example.com"


class App:
    """An app with one user, who is signed in on one device."""

    def __init__(self) -> None:
        """Make the account and the sign-in."""
        self.auth = Authenticator()
        self.services: Services = services_for(AppConfig())
        made = self.services.accounts.register(EMAIL, PASSWORD)
        self.user: User = made.user
        client = self.auth._current_user.client()
        self.session_id = self.services.sessions.start(made, remember=True, client=client).id
        self.reset_token = self.auth.create_password_reset_token(EMAIL) or ""
        self._known = len(self._types())

    def since(self) -> list[str]:
        """The types of the events since the app was made, in order."""
        return self._types()[self._known :]

    def _types(self) -> list[str]:
        return [event.event_type for event in reversed(self.services.event_log.find(EventQuery()))]


Act = Callable[[App], object]


def request_with(cookie: str) -> dict[str, Any]:
    """Return the ASGI scope of a request with our cookie."""
    headers = [(b"cookie", f"persistauth={cookie}".encode())]
    return {"type": "http", "method": "GET", "scheme": "http", "headers": headers}


BY_PROGRAM: dict[str, list[tuple[Act, list[str]]]] = {
    "login": [
        (lambda app: app.auth.login(EMAIL, PASSWORD), ["login"]),
        (lambda app: app.auth.login(EMAIL, "wrong-Kettle-93"), ["login_failed"]),
        (lambda app: app.auth.login(OTHER, PASSWORD), ["login_failed"]),
    ],
    "logout_user": [(lambda app: app.auth.logout_user(app.user.id), ["sessions_revoked"])],
    "register": [
        (lambda app: app.auth.register(OTHER, PASSWORD), ["registered"]),
        (lambda app: app.auth.register(EMAIL, PASSWORD), ["registration_refused"]),
    ],
    "invite": [
        (lambda app: app.auth.invite(OTHER), ["invited"]),
        (lambda app: app.auth.invite(EMAIL), ["registration_refused"]),
    ],
    "create_password_reset_token": [
        (lambda app: app.auth.create_password_reset_token(EMAIL), ["password_reset_requested"]),
    ],
    "reset_password": [
        (lambda app: app.auth.reset_password(app.reset_token, "new-Kettle-94"), ["password_reset"]),
        (lambda app: app.auth.reset_password("made up", PASSWORD), ["link_refused"]),
    ],
    "user_of": [
        (lambda app: app.auth.user_of(request_with("x")), ["token_refused"]),
        (lambda app: app.auth.user_of(request_with("")), []),
    ],
    "revoke_session": [
        (lambda app: app.auth.revoke_session(app.session_id), ["sessions_revoked"]),
        (lambda app: app.auth.revoke_session("unknown"), []),
    ],
}
"""What each method that changes something leaves behind."""
READS = {"auto_login", "has_role", "list_sessions", "stats", "routes", "middleware", "verify"}
UPKEEP = {"init_db", "purge_expired"}
"""What changes no account and no sign-in that is valid."""
IN_PAGES = {
    "guard": "test_guard",
    "navigation": "test_navigation",
    "require_login": "test_guard",
    "logout": "test_logout",
    "logout_button": "test_logout",
    "login_form": "test_login_page",
    "register_form": "test_register_form",
    "forgot_password_form": "test_forgot_password",
    "reset_password_form": "test_forgot_password",
    "change_password_form": "test_profile_forms",
    "change_email_form": "test_profile_forms",
    "change_username_form": "test_usernames",
    "confirm_email_form": "test_link_forms",
    "invitation_form": "test_link_forms",
    "user_menu": "test_user_menu",
    "account_panel": "test_account_panel",
    "sessions_panel": "test_devices",
    "admin_panel": "test_admin_panel",
}
"""What a page draws: it calls the core, whose acts are below, and is tested there."""

BY_USERS: dict[str, tuple[Callable[[Users], object], list[str]]] = {
    "add": (lambda users: users.add(OTHER), ["registered"]),
    "invite": (lambda users: users.invite(OTHER), ["invited"]),
    "set_roles": (lambda users: users.set_roles(EMAIL, ["editor"]), ["roles_changed"]),
    "set_username": (lambda users: users.set_username(EMAIL, "ada"), ["username_changed"]),
    "rename": (lambda users: users.rename(EMAIL, "Ada"), ["profile_changed"]),
    "disable": (lambda users: users.disable(EMAIL), ["user_disabled"]),
    "enable": (lambda users: users.enable(EMAIL), ["user_enabled"]),
    "delete": (lambda users: users.delete(EMAIL), ["user_deleted"]),
    "sign_out": (lambda users: users.sign_out(EMAIL), ["sessions_revoked"]),
    "create_reset_link": (
        lambda users: users.create_reset_link(EMAIL),
        ["password_reset_requested"],
    ),
}
"""The same for `auth.users`."""
FINDS = {"list", "find", "get"}
BY_ADMINISTRATORS: dict[str, tuple[Callable[[UserAdmin, User, str], object], list[str]]] = {
    "set_roles": (lambda them, user, _: them.set_roles(user.id, ["editor"]), ["roles_changed"]),
    "set_username": (
        lambda them, user, _: them.set_username(user.id, "ada"),
        ["username_changed"],
    ),
    "disable": (lambda them, user, _: them.disable(user.id), ["user_disabled"]),
    "enable": (lambda them, user, _: them.enable(user.id), ["user_enabled"]),
    "delete": (lambda them, user, _: them.delete(user.id), ["user_deleted"]),
    "sign_out": (lambda them, user, _: them.sign_out(user.id), ["sessions_revoked"]),
    "end_session": (lambda them, _, one: them.end_session(one), ["sessions_revoked"]),
    "start_reset": (lambda them, user, _: them.start_reset(user.id), ["password_reset_requested"]),
}
LOOKS = {"find", "get", "owners", "names", "is_admin"}

BY_OPERATORS: dict[str, tuple[list[str], list[str]]] = {
    "users add": (["users", "add", OTHER, "--password-stdin"], ["registered"]),
    "users disable": (["users", "disable", EMAIL], ["user_disabled"]),
    "users enable": (["users", "enable", EMAIL], ["user_enabled"]),
    "users username": (["users", "username", EMAIL, "ada"], ["username_changed"]),
    "users roles": (["users", "roles", EMAIL, "editor"], ["roles_changed"]),
    "users reset": (["users", "reset", EMAIL], ["password_reset_requested"]),
    "users delete": (["users", "delete", EMAIL, "--yes"], ["user_deleted"]),
    "sessions revoke": (["sessions", "revoke", "--user", EMAIL], ["sessions_revoked"]),
    "import csv": (["import", "csv", "team.csv"], ["registered"]),
}
IMPORTS = {"import sql", "import streamlit-authenticator"}
"""These differ from `import csv` in what they read alone."""
READING = {
    *("demo", "doctor", "schema", "secret", "settings", "setup-code", "stats", "events", "init-db"),
    *("purge",),
    *("users list", "users show", "sessions list"),
}


@pytest.fixture
def app(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> App:
    """An app with cheap hashes, on a file of its own."""
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")
    monkeypatch.setenv("JWT_SECRET_KEY", generate_key())
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
    (clean_machine / "team.csv").write_text(f"email,password_hash\n{OTHER},{hashed}\n")
    return App()


def methods(kind: type) -> set[str]:
    """Return the public methods of a class."""
    return {name for name, _ in inspect.getmembers(kind, inspect.isfunction) if name[0] != "_"}


def commands(group: click.Group, *path: str) -> set[str]:
    """Return the subcommands of `persistauth`."""
    found: set[str] = set()
    for name, command in group.commands.items():
        here = (*path, name)
        found |= commands(command, *here) if isinstance(command, click.Group) else {" ".join(here)}
    return found


def test_every_act_is_known() -> None:
    """Each method and command is tested below, changes nothing, or is tested on a page."""
    assert methods(Authenticator) == {*BY_PROGRAM, *READS, *UPKEEP, *IN_PAGES}
    assert methods(Users) == {*BY_USERS, *FINDS}
    assert methods(UserAdmin) == {*BY_ADMINISTRATORS, *LOOKS}
    assert commands(main) == {*BY_OPERATORS, *IMPORTS, *READING}


@pytest.mark.parametrize(
    ("name", "number"), [(n, i) for n, a in BY_PROGRAM.items() for i in range(len(a))]
)
def test_by_program(app: App, name: str, number: int) -> None:
    """Calls of `Authenticator`, refused ones too, are recorded."""
    act, expected = BY_PROGRAM[name][number]
    try:
        act(app)
    except AuthError as refusal:
        assert expected[0].endswith("refused"), refusal  # noqa: PT017 - some acts succeed
    assert app.since() == expected


@pytest.mark.parametrize("name", BY_USERS)
def test_by_users(app: App, name: str) -> None:
    """Calls of `auth.users` are recorded."""
    act, expected = BY_USERS[name]
    act(app.auth.users)
    assert app.since() == expected


@pytest.mark.parametrize("name", BY_ADMINISTRATORS)
def test_by_administrators(core: CoreApp, name: str) -> None:
    """Actions in the administration panel are recorded with their actor."""
    user = core.add_user()
    session_id = core.sign_in(user)
    core.events.records.clear()
    act, expected = BY_ADMINISTRATORS[name]
    act(core.user_admin, user, session_id)
    assert [event.event_type for event in core.events.records] == expected


@pytest.mark.parametrize("name", BY_OPERATORS)
def test_by_operators(app: App, name: str) -> None:
    """Commands of an operator are recorded."""
    arguments, expected = BY_OPERATORS[name]
    result = CliRunner().invoke(main, arguments, input=f"{PASSWORD}\n")
    assert result.exit_code == 0, result.output
    assert app.since() == expected
