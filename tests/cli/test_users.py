"""The commands for accounts."""

import json
import os
import pty
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from click.testing import CliRunner
from tests.cli.conftest import Run, refused
from tests.support.core_app import EMAIL, PASSWORD

from streamlit_persistauth.cli import main
from streamlit_persistauth.core.sessions.key_strength import generate_key
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.models import NOBODY
from streamlit_persistauth.wiring.services import AppConfig, services_for

if TYPE_CHECKING:
    from tests.support.sqlserver import SQLDatabases

RunJson = Callable[..., Any]
OTHER = "grace@example.com"


@pytest.fixture
def ada(run_json: RunJson) -> dict[str, Any]:
    """An account."""
    arguments = ("users", "add", EMAIL, "--name", "Ada Lovelace", "--role", "editor")
    made: dict[str, Any] = run_json(*arguments, "--password-stdin", stdin=PASSWORD + "\n")
    return made


def sign_in(password: str = PASSWORD) -> UserRecord:
    """Sign in."""
    return services_for(AppConfig()).accounts.authenticate(EMAIL, password)


def test_add(ada: dict[str, Any]) -> None:
    """An added account can sign in and has its roles; its hash is not printed."""
    user = sign_in().user
    assert (user.id, user.full_name, user.roles) == (ada["id"], "Ada Lovelace", ("editor",))
    assert (ada["email"], ada["status"], ada["roles"]) == (EMAIL, "active", ["editor"])
    assert "hash" not in str(ada)


@pytest.mark.parametrize(
    ("email", "password", "words"),
    [
        (EMAIL, PASSWORD, "already exists"),
        ("ada", PASSWORD, "valid email"),
        (OTHER, "canary", "at least 8"),
        (OTHER, "password123", "easy to guess"),
    ],
)
@pytest.mark.usefixtures("ada")
def test_add_refused(run: Run, email: str, password: str, words: str) -> None:
    """An invalid account is refused in one line, which does not contain the password."""
    line = refused(run("users", "add", email, "--password-stdin", stdin=password + "\n"))
    assert words in line
    assert "canary" not in line


@pytest.mark.parametrize("options", [["--password-stdin"], ["--invite"]])
def test_first_without_the_role(run: Run, options: list[str]) -> None:
    """The first account without the role `admin` prints how to give it, and no other one does."""
    hint = (
        "persistauth: This is the first account, and it is no administrator. `persistauth users "
        "roles ada@example.com admin 'bike editor'` gives it the role.\n"
    )
    arguments = ("users", "add", EMAIL, "--role", "bike editor", *options)
    assert run(*arguments, stdin=f"{PASSWORD}\n").stderr == hint
    arguments = ("users", "add", OTHER, *options)
    assert run(*arguments, stdin=f"{PASSWORD}\n").stderr == ""


def test_first_administrator(run: Run) -> None:
    """The first account with the role prints no hint."""
    arguments = ("users", "add", EMAIL, "--role", "admin", "--password-stdin")
    assert run(*arguments, stdin=f"{PASSWORD}\n").stderr == ""


def test_role_refused(run: Run) -> None:
    """An invalid role is refused before the password is read."""
    result = run("users", "add", OTHER, "--role", "a,b", "--password-stdin", stdin="x\n")
    assert "can't contain a comma" in refused(result)


@pytest.mark.parametrize(
    "options", [[], ["--password-stdin"], ["--password-stdin", "--invite"], ["--password", "x"]]
)
def test_no_password(run: Run, options: list[str]) -> None:
    """A password comes from a terminal or standard input only; without it, nothing is added."""
    result = run("users", "add", OTHER, *options, stdin="")
    assert result.exit_code == 2
    assert services_for(AppConfig()).users.is_empty()


def test_typed_password(clean_machine: Path) -> None:
    """On a terminal the password is prompted for twice, and shown neither there nor in `ps`."""
    main, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit_persistauth", "users", "add", EMAIL],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        cwd=clean_machine,
        env={**os.environ, "PERSISTAUTH_BCRYPT_ROUNDS": "4"},
        start_new_session=True,
        preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # noqa: PLW1509
    )
    os.close(terminal)
    shown = ""
    for question in ("Password: ", "Repeat for confirmation: "):
        shown += _read_until(main, question)
        arguments = Path(f"/proc/{process.pid}/cmdline")
        assert not arguments.exists() or PASSWORD not in arguments.read_text()
        os.write(main, PASSWORD.encode() + b"\n")
    shown += _read_until(main, "has an account.")
    assert process.wait(60) == 0
    os.close(main)
    assert PASSWORD not in shown
    assert sign_in().user.email == EMAIL


def _read_until(terminal: int, words: str) -> str:
    shown, deadline = "", time.monotonic() + 60
    while words not in shown and time.monotonic() < deadline:
        shown += os.read(terminal, 1024).decode()
    assert words in shown
    return shown


def test_invite(run_json: RunJson, monkeypatch: pytest.MonkeyPatch) -> None:
    """`--invite` prints a link with the public URL, or else its path."""
    invited = run_json("users", "add", OTHER, "--invite")
    assert invited["path"].startswith("/?persistauth_invitation=")
    monkeypatch.setenv("PERSISTAUTH_PUBLIC_URL", "https://app.example.com")
    invited = run_json("users", "add", OTHER, "--invite")
    assert invited["link"].startswith("https://app.example.com/?persistauth_invitation=")
    token = invited["link"].partition("=")[2]
    accepted = services_for(AppConfig()).invitations.accept(token, PASSWORD)
    assert accepted.user.email == OTHER


def test_empty_list(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without accounts, the list prints that there are none."""
    monkeypatch.setenv("JWT_SECRET_KEY", generate_key())
    done = CliRunner().invoke(main, ["users", "list", "--database", "sqlite:///empty.db"])
    assert (done.exit_code, done.output) == (0, "No accounts yet.\n")


@pytest.mark.usefixtures("ada")
def test_list(run: Run, run_json: RunJson) -> None:
    """Accounts are filtered by part of their name, by role and by status."""
    run_json("users", "add", OTHER, "--invite")
    assert run_json("users", "list")["total"] == 2
    for options in (["--find", "LOVE"], ["--role", "editor"], ["--status", "active"]):
        found = run_json("users", "list", *options)
        assert [user["email"] for user in found["users"]] == [EMAIL]
    page = run_json("users", "list", "--limit", "1", "--sort", "email", "--descending")
    assert [user["email"] for user in page["users"]] == [OTHER]
    assert "1 of 2 accounts." in run("users", "list", "--limit", "1").output
    assert run("users", "list", "--find", "nobody").output == "No users match.\n"


def test_show(run: Run, run_json: RunJson, ada: dict[str, Any]) -> None:
    """An account is named by its address, in any case, or by its id."""
    for name in (EMAIL, EMAIL.upper(), ada["id"]):
        assert run_json("users", "show", name)["id"] == ada["id"]
    assert "Ada Lovelace" in run("users", "show", EMAIL).output


@pytest.mark.usefixtures("ada")
def test_disable_and_enable(run_json: RunJson) -> None:
    """Disabling revokes the sign-ins of a user, who can sign in again when enabled."""
    services = services_for(AppConfig())
    session = services.sessions.start(sign_in(), remember=True, client=NOBODY)
    assert run_json("users", "disable", EMAIL)["status"] == "disabled"
    with pytest.raises(Exception, match="no longer valid"):
        services.sessions.resume_session(session.id)
    with pytest.raises(Exception, match="Invalid email"):
        sign_in()
    assert run_json("users", "enable", EMAIL)["status"] == "active"
    assert sign_in().user.email == EMAIL


@pytest.mark.usefixtures("ada")
def test_roles(run: Run, run_json: RunJson) -> None:
    """Roles are set, and removed only with `--none`."""
    assert run_json("users", "roles", EMAIL, "b", "a")["roles"] == ["a", "b"]
    assert run("users", "roles", EMAIL).exit_code == 2
    assert run("users", "roles", EMAIL, "a", "--none").exit_code == 2
    assert run_json("users", "roles", EMAIL, "--none")["roles"] == []


@pytest.mark.usefixtures("ada")
def test_last_administrator(run: Run, run_json: RunJson) -> None:
    """The last administrator cannot be disabled, deleted or lose the role."""
    run_json("users", "roles", EMAIL, "admin")
    for command in (["disable"], ["roles", "--none"], ["delete", "--yes"]):
        name, *options = command
        assert "last" in refused(run("users", name, EMAIL, *options))
    assert sign_in().user.roles == ("admin",)


@pytest.mark.usefixtures("ada")
def test_reset(run_json: RunJson, monkeypatch: pytest.MonkeyPatch) -> None:
    """`reset` prints a link; the password stays valid until it is used."""
    monkeypatch.setenv("PERSISTAUTH_PUBLIC_URL", "https://app.example.com")
    link = run_json("users", "reset", EMAIL)["link"]
    assert link.startswith("https://app.example.com/?persistauth_reset=")
    sign_in()
    services_for(AppConfig()).resets.reset(link.partition("=")[2], "another-Kettle-94")
    assert sign_in("another-Kettle-94").user.email == EMAIL


@pytest.mark.usefixtures("ada")
def test_reset_disabled(run: Run, run_json: RunJson) -> None:
    """The reset of a disabled account is refused."""
    run_json("users", "disable", EMAIL)
    assert "disabled" in refused(run("users", "reset", EMAIL))


@pytest.mark.usefixtures("ada")
def test_delete(run: Run, run_json: RunJson) -> None:
    """A deletion needs confirmation or `--yes`."""
    kept = run("users", "delete", EMAIL, stdin="n\n")
    assert kept.exit_code == 1
    assert sign_in()
    run_json("users", "delete", EMAIL, "--yes")
    assert services_for(AppConfig()).users.is_empty()


@pytest.mark.parametrize(
    "command", ["show", "disable", "enable", "reset", "delete --yes", "roles --none"]
)
def test_unknown_account(run: Run, command: str) -> None:
    """An unknown account exits with status 1 and one line, with control characters escaped."""
    name, *options = command.split()
    line = refused(run("users", name, "nobody\x1b[2J", *options))
    assert "There is no account" in line
    assert "\x1b" not in line
    result = run("users", name, "nobody", *options, "--json")
    assert (result.exit_code, json.loads(result.stderr)["error"]) == (1, "not_found")


def test_names_obey_no_terminal(run: Run, run_json: RunJson) -> None:
    """Names are printed as text: without control sequences or markup."""
    services = services_for(AppConfig())
    owner = services.accounts.register(EMAIL, PASSWORD, full_name="[red]Ada[/red] :smile:")
    services.users.update(
        owner.user.id, {"full_name": "[red]Ada[/red] \x1b]0;owned\x07\u202e :smile:"}
    )
    for command in (["users", "list"], ["users", "show", EMAIL]):
        output = run(*command).output
        assert r"[red]Ada[/red] \x1b]0;owned\x07\u202e :smile:" in output
        assert "\x1b" not in output
    assert run_json("users", "show", EMAIL)["full_name"].startswith("[red]")


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_on_a_server(request: pytest.FixtureRequest, run_json: RunJson, kind: str) -> None:
    """The commands work on a server database that `--database` names."""
    server: SQLDatabases = request.getfixturevalue(kind)
    database = ("--database", server.empty_database())
    run_json("users", "add", EMAIL, "--role", "a", "--password-stdin", *database, stdin=PASSWORD)
    assert run_json("users", "list", "--role", "a", *database)["total"] == 1
    assert run_json("sessions", "list", *database) == {"sessions": []}
    assert run_json("events", *database)["events"][0]["event_type"] == "registered"
    assert run_json("stats", *database)["live"] == 0
    assert run_json("purge", *database) == {"deleted": 0}
    run_json("users", "delete", EMAIL, "--yes", *database)
