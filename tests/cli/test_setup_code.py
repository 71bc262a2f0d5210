"""The command that prints a set-up code."""

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from tests.cli.conftest import Run, refused
from tests.support.core_app import EMAIL, PASSWORD

from streamlit_persistauth.errors import RegistrationClosed
from streamlit_persistauth.wiring.services import AppConfig, services_for

RunJson = Callable[..., Any]


def test_print(run: Run) -> None:
    """The first line is a valid code, the second says how long it is valid."""
    code, note = run("setup-code").stdout.splitlines()
    made = services_for(AppConfig()).registrations.register_first(EMAIL, PASSWORD, setup_code=code)
    assert made.user.roles == ("admin",)
    assert note.startswith("Valid until 2")


def test_json(run_json: RunJson) -> None:
    """`--json` prints the code and the time of its expiry, in an hour."""
    printed = run_json("setup-code")
    assert printed.keys() == {"code", "expires_at"}
    services_for(AppConfig()).setup_codes.check(printed["code"])
    left = datetime.fromisoformat(printed["expires_at"]) - datetime.now(timezone.utc)
    assert timedelta(minutes=55) < left <= timedelta(hours=1)


def test_several(run_json: RunJson) -> None:
    """Printing another code keeps the first one valid."""
    codes = [run_json("setup-code")["code"] for _ in range(2)]
    for code in codes:
        services_for(AppConfig()).setup_codes.check(code)


def test_another_database(run_json: RunJson) -> None:
    """`--database` selects the app."""
    code = run_json("setup-code", "--database", "sqlite:///other.db")["code"]
    services_for(AppConfig("sqlite:///other.db")).setup_codes.check(code)


def test_account_exists(run: Run, run_json: RunJson) -> None:
    """Once an account exists, the command refuses, and an earlier code is invalid."""
    code = run_json("setup-code")["code"]
    run("users", "add", EMAIL, "--password-stdin", stdin=PASSWORD)
    sentence = "persistauth: There is an account already: no code is needed."
    assert refused(run("setup-code")) == sentence
    with pytest.raises(RegistrationClosed):
        services_for(AppConfig()).registrations.register_first(
            "bob@example.com", PASSWORD, setup_code=code
        )


@pytest.mark.parametrize("registration", ["open", "invited", "closed"])
def test_another_registration(run: Run, monkeypatch: pytest.MonkeyPatch, registration: str) -> None:
    """Where visitors do not make the first account as administrator, there is no code."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", registration)
    assert "PERSISTAUTH_REGISTRATION" in refused(run("setup-code"))


def test_codes_in_memory(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A code in the memory of this process would be of no use to the app."""
    monkeypatch.setenv("PERSISTAUTH_TOKEN_STORE_URL", "memory://")
    assert "in its log" in refused(run("setup-code"))
