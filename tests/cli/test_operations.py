"""Sign-ins, events, counts, clean-up and the doctor from the command line."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from tests.cli.conftest import Run, refused
from tests.support.core_app import CLIENT, EMAIL, PASSWORD

from streamlit_persistauth.cli import main
from streamlit_persistauth.errors import InvalidToken
from streamlit_persistauth.models import Client, Session
from streamlit_persistauth.wiring.services import AppConfig, Services, services_for

Told = Callable[..., Any]
EVIL = Client("203.0.113.7", "Mozilla\x1b[31m/5.0")


@pytest.fixture
def services(run: Run) -> Services:
    """The app that the commands are about, with an account."""
    del run
    made = services_for(AppConfig())
    made.accounts.register(EMAIL, PASSWORD)
    return made


@pytest.fixture
def session(services: Services) -> Session:
    """A sign-in by a browser with an odd name."""
    owner = services.accounts.authenticate(EMAIL, PASSWORD)
    return services.sessions.start(owner, remember=True, client=EVIL)


def test_list_sessions(run: Run, told: Told, session: Session) -> None:
    """Live sign-ins are listed with whose they are; a browser's name is text."""
    for options in ([], ["--user", EMAIL], ["--user", session.user_id]):
        (found,) = told("sessions", "list", *options)["sessions"]
        assert (found["id"], found["email"]) == (session.id, EMAIL)
    output = run("sessions", "list").output
    assert r"Mozilla\x1b[31m/5.0" in output
    assert "\x1b" not in output


def test_list_many_sessions(told: Told, services: Services) -> None:
    """As many as were asked for are listed, newest first."""
    owner = services.accounts.authenticate(EMAIL, PASSWORD)
    made = [services.sessions.start(owner, remember=True, client=CLIENT) for _ in range(5)]
    listed = [item["id"] for item in told("sessions", "list", "--limit", "3")["sessions"]]
    assert len(listed) == 3
    assert listed[0] == made[-1].id


def test_revoke(run: Run, told: Told, services: Services, session: Session) -> None:
    """A sign-in that is revoked has ended; a second time there is none."""
    assert told("sessions", "revoke", session.id) == {"ended": 1}
    with pytest.raises(InvalidToken):
        services.sessions.resume_session(session.id)
    assert "no sign-in" in refused(run("sessions", "revoke", session.id))


def test_revoke_all(told: Told, services: Services, session: Session) -> None:
    """All sign-ins of a user end at once."""
    assert told("sessions", "revoke", "--user", EMAIL) == {"ended": 1}
    with pytest.raises(InvalidToken):
        services.sessions.resume_session(session.id)


@pytest.mark.parametrize("arguments", [[], ["x", "--user", EMAIL]])
def test_revoke_what(run: Run, arguments: list[str]) -> None:
    """Either a sign-in or a user is named."""
    assert run("sessions", "revoke", *arguments).exit_code == 2


@pytest.mark.usefixtures("session")
def test_events(run: Run, told: Told) -> None:
    """Events are found by user, type and time, and printed as CSV on demand."""
    kinds = [event["event_type"] for event in told("events")["events"]]
    assert kinds == ["registered"]
    assert told("events", "--user", EMAIL, "--type", "registered")["events"]
    assert told("events", "--type", "login_failed")["events"] == []
    assert told("events", "--since", "2999-01-01")["events"] == []
    assert told("events", "--until", "2999-01-01T12:00")["events"]
    people = run("events").output
    assert "registered" in people
    assert EMAIL in people
    header, row = run("events", "--csv").output.splitlines()
    assert header.startswith("created_at,")
    assert "registered" in row
    assert run("events", "--csv", "--json").exit_code == 2
    assert run("events", "--type", "nonsense").exit_code == 2
    assert "no account" in refused(run("events", "--user", "nobody@example.com"))


@pytest.mark.usefixtures("session")
def test_stats_and_purge(run: Run, told: Told, clean_machine: Path) -> None:
    """What expired long ago is counted, and deleted by a purge; what is live stays."""
    old = "2020-01-01 00:00:00.000000"
    with closing(sqlite3.connect(clean_machine / "persistauth.db")) as connection, connection:
        connection.execute(
            "INSERT INTO auth_tokens (id, user_id, token_hash, token_type, created_at, expires_at)"
            " SELECT 'old', id, 'x', 'session', ?, ? FROM users",
            (old, old),
        )
    counted = told("stats")
    assert (counted["live"], counted["expired"]) == (1, 1)
    assert counted["by_type"]["session"]["expired"] == 1
    assert "session" in run("stats").output
    assert told("purge") == {"deleted": 1}
    assert run("purge").output == "0 rows deleted.\n"
    assert told("stats")["live"] == 1


def test_store_that_fails(run: Run) -> None:
    """A database that does not open is status 1 and one line for every command that needs it."""
    database = ["--database", "sqlite:///missing/app.db"]
    for command in (
        ["init-db"],
        ["stats"],
        ["purge"],
        ["events"],
        ["users", "list"],
        ["users", "show", EMAIL],
        ["sessions", "list"],
        ["sessions", "revoke", "x"],
    ):
        result = run(*command, *database, "--json")
        assert (result.exit_code, result.stdout) == (1, ""), command
        assert json.loads(result.stderr.splitlines()[-1])["error"] == "store_unavailable"
        assert "sqlite3" not in result.stderr


def test_doctor(run: Run, told: Told, clean_machine: Path) -> None:
    """The doctor finds the usual main file, and fails on warnings only when it is strict."""
    source = "import streamlit as st\nfrom streamlit_persistauth import Authenticator\n"
    app = clean_machine / "app.py"
    app.write_text(source + "Authenticator().guard()\n")
    (clean_machine / ".env").write_text("PERSISTAUTH_BCRYPT_ROUNDS=12\n")
    said = told("doctor", "--database", "sqlite:///app.db")
    assert (said["app"], said["ok"]) == ("app.py", True)
    assert {"hash-cheap", "cookie-plain"} <= {item["code"] for item in said["findings"]}
    assert run("doctor", "--strict").exit_code == 1
    people = run("doctor", "app.py")
    assert people.exit_code == 0
    assert "warning  hash-cheap" in people.output
    assert "0 errors, 1 warning," in people.output
    app.write_text(source)
    assert run("doctor").exit_code == 1
    assert run("doctor", "missing.py").exit_code == 2
    app.unlink()
    assert "no app.py here" in run("doctor").output


def _commands(group: click.Group, *path: str) -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = []
    for name, command in group.commands.items():
        here = (*path, name)
        found += _commands(command, *here) if isinstance(command, click.Group) else [here]
    return found


COMMANDS = _commands(main)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help(run: Run, command: tuple[str, ...]) -> None:
    """Every command has a help with an example, an option for JSON, and is in the reference."""
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.output
    assert " ".join(["persistauth", *command]) in result.output
    assert "--json" in result.output
    assert "--database" in result.output or command == ("secret",)
    reference = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text(
        encoding="utf-8"
    )
    assert f"`persistauth {' '.join(command)}`" in reference


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(run: Run, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    """A shell gets its completion from the command itself."""
    monkeypatch.setenv("_PERSISTAUTH_COMPLETE", f"{shell}_source")
    monkeypatch.setattr(
        "click.shell_completion.BashComplete._check_version", staticmethod(lambda: None)
    )
    assert "_PERSISTAUTH_COMPLETE" in run().output


def test_session_end_is_an_event(told: Told, session: Session) -> None:
    """What an operator does is on record."""
    told("sessions", "revoke", session.id)
    assert told("events")["events"][0]["event_type"] == "sessions_revoked"


def test_idle_sessions_are_not_listed(
    told: Told, session: Session, monkeypatch: pytest.MonkeyPatch, clean_machine: Path
) -> None:
    """A sign-in that was idle for too long is none, though its row is still there."""
    del session
    monkeypatch.setenv("PERSISTAUTH_IDLE_TIMEOUT_MINUTES", "30")
    services = services_for(AppConfig())
    ago = (services.clock() - timedelta(hours=1)).replace(tzinfo=None)
    with closing(sqlite3.connect(clean_machine / "persistauth.db")) as connection, connection:
        connection.execute(
            "UPDATE auth_tokens SET created_at = ?, last_used_at = ?", (str(ago), str(ago))
        )
    assert told("sessions", "list") == {"sessions": []}
