"""The commands for accounts with usernames."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from tests.cli.conftest import Run, refused
from tests.support.core_app import EMAIL, PASSWORD

from streamlit_persistauth.models import NOBODY
from streamlit_persistauth.wiring.services import AppConfig, services_for

RunJson = Callable[..., Any]


@pytest.fixture(autouse=True)
def _by_username(clean_machine: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """An app whose users sign in by username."""
    monkeypatch.setenv("PERSISTAUTH_LOGIN_BY", "username")


def add(run_json: RunJson, *arguments: str) -> dict[str, Any]:
    """Create an account."""
    made: dict[str, Any] = run_json(
        "users", "add", *arguments, "--password-stdin", stdin=PASSWORD + "\n"
    )
    return made


@pytest.fixture
def ada(run_json: RunJson) -> dict[str, Any]:
    """An account with both names."""
    return add(run_json, EMAIL, "--username", "Ada")


@pytest.fixture
def bob(run_json: RunJson) -> dict[str, Any]:
    """An account without an address."""
    return add(run_json, "--username", "bob", "--name", "Bob Crane")


def test_add(bob: dict[str, Any]) -> None:
    """An account needs no address, and signs in by its username."""
    assert (bob["username"], bob["email"]) == ("bob", "")
    found = services_for(AppConfig()).accounts.authenticate("BOB", PASSWORD)
    assert found.user.id == bob["id"]


@pytest.mark.usefixtures("ada")
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([EMAIL], "username"),
        (["--username", "a b"], "letters, digits"),
        (["--username", "ADA"], "already exists"),
    ],
)
def test_add_refused(run: Run, arguments: list[str], words: str) -> None:
    """A missing, invalid or taken username is refused in one line."""
    line = refused(run("users", "add", *arguments, "--password-stdin", stdin=PASSWORD + "\n"))
    assert words in line


def test_add_nothing(run: Run) -> None:
    """An account needs an address or a username."""
    assert run("users", "add", "--password-stdin", stdin=PASSWORD).exit_code == 2


def test_invite(run: Run, run_json: RunJson, monkeypatch: pytest.MonkeyPatch) -> None:
    """The link of an invitation without an address is printed, also where mail is set up."""
    monkeypatch.setenv("PERSISTAUTH_PUBLIC_URL", "https://app.example.com")
    monkeypatch.setenv("PERSISTAUTH_SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("PERSISTAUTH_MAIL_FROM", "app@example.com")
    invited = run_json("users", "add", "--username", "bob", "--invite")
    assert (invited["username"], invited["sent"]) == ("bob", False)
    assert (
        "to eve and to no one else" in run("users", "add", "--username", "eve", "--invite").output
    )
    token = invited["link"].partition("=")[2]
    accepted = services_for(AppConfig()).invitations.accept(token, PASSWORD, username="bob")
    assert accepted.user.username == "bob"


@pytest.mark.usefixtures("ada", "bob")
def test_list(run: Run, run_json: RunJson) -> None:
    """Accounts are found and ordered by username."""
    assert [user["username"] for user in run_json("users", "list", "--find", "BO")["users"]] == [
        "bob"
    ]
    names = run_json("users", "list", "--sort", "username", "--descending")["users"]
    assert [user["username"] for user in names] == ["bob", "ada"]
    output = run("users", "list").output
    assert "Username" in output
    assert "bob" in output


def test_list_without_usernames(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any username, the list has no column for them."""
    monkeypatch.setenv("PERSISTAUTH_LOGIN_BY", "email")
    services_for(AppConfig()).accounts.register(EMAIL, PASSWORD)
    assert "Username" not in run("users", "list").output


def test_show(run_json: RunJson, ada: dict[str, Any]) -> None:
    """An account is named by its username, its address or its id."""
    for name in ("ada", "ADA", EMAIL, ada["id"]):
        assert run_json("users", "show", name)["id"] == ada["id"]


@pytest.mark.usefixtures("ada")
def test_username(run: Run, run_json: RunJson, bob: dict[str, Any]) -> None:
    """A username is changed; a taken or invalid one is refused."""
    assert run("users", "username", "bob", "Robert").output == "bob has the username robert.\n"
    assert run_json("users", "show", "robert")["id"] == bob["id"]
    assert "already exists" in refused(run("users", "username", "robert", "ada"))
    assert "letters, digits" in refused(run("users", "username", "robert", "a b"))
    for options in ([], ["bob", "--none"]):
        assert run("users", "username", "robert", *options).exit_code == 2
    assert "There is no account" in refused(run("users", "username", "nobody", "x"))


def test_remove_username(
    run: Run, run_json: RunJson, ada: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A username can be removed, unless users sign in by it."""
    refused(run("users", "username", "ada", "--none"))
    monkeypatch.setenv("PERSISTAUTH_LOGIN_BY", "either")
    assert run_json("users", "username", "ada", "--none")["username"] == ""
    assert run_json("users", "show", EMAIL)["id"] == ada["id"]


@pytest.mark.usefixtures("bob")
def test_by_username(run: Run, run_json: RunJson) -> None:
    """The other commands take a username, and name an account without an address by it."""
    assert run("users", "roles", "bob", "editor").output == "bob has editor.\n"
    assert run("users", "disable", "bob").output == "bob is disabled.\n"
    assert run("users", "enable", "BOB").output == "bob is enabled.\n"
    assert "sent" in run_json("users", "reset", "bob")
    services = services_for(AppConfig())
    owner = services.accounts.authenticate("bob", PASSWORD)
    services.sessions.start(owner, remember=True, client=NOBODY)
    (session,) = run_json("sessions", "list", "--user", "bob")["sessions"]
    assert (session["username"], session["email"]) == ("bob", "")
    assert "bob" in run("sessions", "list").output
    assert "bob" in run("events", "--user", "bob").output
    kept = run("users", "delete", "bob", stdin="n\n")
    assert "Permanently delete bob?" in kept.stderr
    assert run("users", "delete", "bob", "--yes").output == "bob is deleted.\n"


@pytest.mark.usefixtures("bob")
def test_reset_with_mail(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where mail is set up, an account without an address gets a link to be handed over."""
    monkeypatch.setenv("PERSISTAUTH_PUBLIC_URL", "https://app.example.com")
    monkeypatch.setenv("PERSISTAUTH_SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setenv("PERSISTAUTH_MAIL_FROM", "app@example.com")
    printed = json.loads(run("users", "reset", "bob", "--json").stdout)
    assert (printed["username"], printed["sent"]) == ("bob", False)
    assert printed["link"].startswith("https://app.example.com/?persistauth_reset=")
