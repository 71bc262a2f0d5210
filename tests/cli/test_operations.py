"""The commands for sign-ins, events, counts, clean-up and the doctor."""

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

RunJson = Callable[..., Any]
HOSTILE = Client("203.0.113.7", "Mozilla\x1b[31m/5.0")


@pytest.fixture
def services(run: Run) -> Services:
    """The services of the app, with an account."""
    del run
    made = services_for(AppConfig())
    made.accounts.register(EMAIL, PASSWORD)
    return made


@pytest.fixture
def session(services: Services) -> Session:
    """A sign-in by a browser with a control character in its user agent."""
    owner = services.accounts.authenticate(EMAIL, PASSWORD)
    return services.sessions.start(owner, remember=True, client=HOSTILE)


def test_list_sessions(run: Run, run_json: RunJson, session: Session) -> None:
    """Live sign-ins are listed with their users; control characters of a user agent are escaped."""
    for options in ([], ["--user", EMAIL], ["--user", session.user_id]):
        (found,) = run_json("sessions", "list", *options)["sessions"]
        assert (found["id"], found["email"]) == (session.id, EMAIL)
    output = run("sessions", "list").output
    assert r"Mozilla\x1b[31m/5.0" in output
    assert "\x1b" not in output


def test_list_many_sessions(run_json: RunJson, services: Services) -> None:
    """`--limit` limits the list, newest first."""
    owner = services.accounts.authenticate(EMAIL, PASSWORD)
    made = [services.sessions.start(owner, remember=True, client=CLIENT) for _ in range(5)]
    listed = [item["id"] for item in run_json("sessions", "list", "--limit", "3")["sessions"]]
    assert len(listed) == 3
    assert listed[0] == made[-1].id


def test_revoke(run: Run, run_json: RunJson, services: Services, session: Session) -> None:
    """A revoked sign-in is invalid, and cannot be revoked again."""
    assert run_json("sessions", "revoke", session.id) == {"revoked": 1}
    with pytest.raises(InvalidToken):
        services.sessions.resume_session(session.id)
    assert "no sign-in" in refused(run("sessions", "revoke", session.id))


def test_revoke_all(run_json: RunJson, services: Services, session: Session) -> None:
    """`--user` revokes all sign-ins of a user."""
    assert run_json("sessions", "revoke", "--user", EMAIL) == {"revoked": 1}
    with pytest.raises(InvalidToken):
        services.sessions.resume_session(session.id)


@pytest.mark.parametrize("arguments", [[], ["x", "--user", EMAIL]])
def test_revoke_usage(run: Run, arguments: list[str]) -> None:
    """`revoke` takes either a sign-in or a user."""
    assert run("sessions", "revoke", *arguments).exit_code == 2


@pytest.mark.usefixtures("session")
def test_events(run: Run, run_json: RunJson) -> None:
    """Events are filtered by user, type and time, and printed as a table, JSON or CSV."""
    kinds = [event["event_type"] for event in run_json("events")["events"]]
    assert kinds == ["registered"]
    assert run_json("events", "--user", EMAIL, "--type", "registered")["events"]
    assert run_json("events", "--type", "login_failed")["events"] == []
    assert run_json("events", "--since", "2999-01-01")["events"] == []
    assert run_json("events", "--until", "2999-01-01T12:00")["events"]
    table = run("events").output
    assert "registered" in table
    assert EMAIL in table
    header, row = run("events", "--csv").output.splitlines()
    assert header.startswith("created_at,")
    assert "registered" in row
    assert run("events", "--csv", "--json").exit_code == 2
    assert run("events", "--type", "nonsense").exit_code == 2
    assert "no account" in refused(run("events", "--user", "nobody@example.com"))


@pytest.mark.usefixtures("session")
def test_stats_and_purge(run: Run, run_json: RunJson, clean_machine: Path) -> None:
    """Expired tokens are counted, and deleted by a purge; live ones are kept."""
    old = "2020-01-01 00:00:00.000000"
    with closing(sqlite3.connect(clean_machine / "persistauth.db")) as connection, connection:
        connection.execute(
            "INSERT INTO auth_tokens (id, user_id, token_hash, token_type, created_at, expires_at)"
            " SELECT 'old', id, 'x', 'session', ?, ? FROM users",
            (old, old),
        )
    counted = run_json("stats")
    assert (counted["live"], counted["expired"]) == (1, 1)
    assert counted["by_type"]["session"]["expired"] == 1
    assert "session" in run("stats").output
    assert run_json("purge") == {"deleted": 1}
    assert run("purge").output == "0 rows deleted.\n"
    assert run_json("stats")["live"] == 1


def test_store_that_fails(run: Run) -> None:
    """Without a database, every command that needs one exits with status 1 and one line."""
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


def test_doctor(run: Run, run_json: RunJson, clean_machine: Path) -> None:
    """`doctor` finds the usual main file, and fails on warnings only with `--strict`."""
    source = "import streamlit as st\nfrom streamlit_persistauth import Authenticator\n"
    app = clean_machine / "app.py"
    app.write_text(source + "Authenticator().guard()\n")
    (clean_machine / ".env").write_text("PERSISTAUTH_BCRYPT_ROUNDS=12\n")
    report = run_json("doctor", "--database", "sqlite:///app.db")
    assert report["lifetime"].startswith("A sign-in lasts 24 hours, ")
    assert (report["app"], report["ok"]) == ("app.py", True)
    assert {"hash-cheap", "cookie-plain"} <= {item["code"] for item in report["findings"]}
    assert run("doctor", "--strict").exit_code == 1
    printed = run("doctor", "app.py")
    assert printed.exit_code == 0
    assert "warning  hash-cheap" in printed.output
    assert "0 errors, 1 warning," in printed.output
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
    """Every command has help with examples and `--json`, and is in the reference."""
    result = run(*command, "--help")
    assert result.exit_code == 0
    assert "Examples:" in result.output
    assert " ".join(["persistauth", *command]) in result.output
    assert "--json" in result.output
    assert "--database" in result.output or command in {("secret",), ("settings",)}
    reference = (Path(__file__).parents[2] / "docs" / "reference" / "cli.md").read_text(
        encoding="utf-8"
    )
    assert f"`persistauth {' '.join(command)}`" in reference


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(run: Run, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    """The command prints the completion script of each shell."""
    monkeypatch.setenv("_PERSISTAUTH_COMPLETE", f"{shell}_source")
    monkeypatch.setattr(
        "click.shell_completion.BashComplete._check_version", staticmethod(lambda: None)
    )
    assert "_PERSISTAUTH_COMPLETE" in run().output


def test_revocation_is_an_event(run_json: RunJson, session: Session) -> None:
    """A revocation by an operator is recorded as an event."""
    run_json("sessions", "revoke", session.id)
    assert run_json("events")["events"][0]["event_type"] == "sessions_revoked"


def test_idle_sessions_are_not_listed(
    run_json: RunJson, session: Session, monkeypatch: pytest.MonkeyPatch, clean_machine: Path
) -> None:
    """A sign-in that exceeded the idle timeout is not listed, though its row still exists."""
    del session
    monkeypatch.setenv("PERSISTAUTH_IDLE_TIMEOUT_MINUTES", "30")
    services = services_for(AppConfig())
    ago = (services.clock() - timedelta(hours=1)).replace(tzinfo=None)
    with closing(sqlite3.connect(clean_machine / "persistauth.db")) as connection, connection:
        connection.execute(
            "UPDATE auth_tokens SET created_at = ?, last_used_at = ?", (str(ago), str(ago))
        )
    assert run_json("sessions", "list") == {"sessions": []}
