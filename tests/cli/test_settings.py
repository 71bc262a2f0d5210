"""`persistauth settings`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from tests.cli.conftest import Run, refused

from streamlit_persistauth.cli.settings import URLS, mask_url
from streamlit_persistauth.settings import AuthSettings, environment_name

RunJson = Callable[..., Any]
KEY = "canary-key-of-32-bytes-and-more-to-sign"


@pytest.fixture
def shown(run_json: RunJson) -> Callable[[], dict[str, dict[str, Any]]]:
    """Return a function that returns what is shown, by the name of the setting."""
    return lambda: {fact["name"]: fact for fact in run_json("settings")}


def test_all(shown: Callable[[], dict[str, dict[str, Any]]]) -> None:
    """Every setting is shown with its default and its meaning."""
    facts = shown()
    assert list(facts) == list(map(environment_name, AuthSettings.model_fields))
    assert facts["TOKEN_EXPIRY_HOURS"] == {
        "name": "TOKEN_EXPIRY_HOURS",
        "value": 24,
        "source": "default",
        "meaning": "How long a session lasts, in hours; may be a fraction.",
    }
    assert facts["PERSISTAUTH_SMTP_URL"]["value"] is None
    assert facts["PERSISTAUTH_DATABASE_URL"]["value"] == "sqlite:///persistauth.db"


def test_sources(
    shown: Callable[[], dict[str, dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The value and its source are those that the app uses."""
    Path(".env").write_text("TOKEN_EXPIRY_HOURS=2\nPERSISTAUTH_WELCOME=off\n")
    monkeypatch.setenv("PERSISTAUTH_TRUSTED_PROXIES", "10.0.0.0/8,127.0.0.1")
    monkeypatch.setenv("PERSISTAUTH_WELCOME", "on")
    facts = shown()
    found = {
        name: (facts[name]["value"], facts[name]["source"])
        for name in ("TOKEN_EXPIRY_HOURS", "PERSISTAUTH_WELCOME", "PERSISTAUTH_TRUSTED_PROXIES")
    }
    assert found == {
        "TOKEN_EXPIRY_HOURS": (2, ".env"),
        "PERSISTAUTH_WELCOME": (True, "environment"),
        "PERSISTAUTH_TRUSTED_PROXIES": (["10.0.0.0/8", "127.0.0.1/32"], "environment"),
    }


def test_text(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a text each setting has one line with value and source, and one with its meaning."""
    monkeypatch.setenv("PERSISTAUTH_APP_NAME", "Orchard")
    monkeypatch.setenv("PERSISTAUTH_LOGO", "data:image/png;base64," + "A" * 1000)
    result = run("settings")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert len(lines) == 2 * len(AuthSettings.model_fields)
    at = lines.index("PERSISTAUTH_APP_NAME=Orchard  (environment)")
    assert lines[at + 1].startswith("    The name of the app on forms")
    assert "PERSISTAUTH_RENEWAL=off  (default)" in lines
    assert "PERSISTAUTH_MAIL_FROM  (not set)" in lines
    assert "PERSISTAUTH_TRUSTED_PROXIES  (not set)" in lines
    assert max(map(len, lines)) < 400


def test_key_file(run: Run, run_json: RunJson, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a signing key the file is named that holds it, if there is one."""
    assert "key_file" not in run_json("settings")[0]
    monkeypatch.delenv("JWT_SECRET_KEY")
    monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", "sqlite:///data/app.db?timeout=9")
    line = "JWT_SECRET_KEY  (not set; the key is kept in data/app.key)"
    assert run("settings").stdout.splitlines()[0] == line
    assert run_json("settings")[0]["key_file"] == "data/app.key"
    for url in ("sqlite://", "postgresql://ada:canary@host/db", "nonsense"):
        monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", url)
        assert run("settings").stdout.splitlines()[0] == "JWT_SECRET_KEY  (not set)"


def test_empty(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A setting that is given as an empty text is not set, and has a source."""
    monkeypatch.setenv("PERSISTAUTH_APP_NAME", "")
    lines = run("settings").stdout.splitlines()
    assert "PERSISTAUTH_APP_NAME  (not set; empty in environment)" in lines


def test_changed(run: Run, run_json: RunJson, monkeypatch: pytest.MonkeyPatch) -> None:
    """With `--changed` only settings with another value than the default are shown."""
    monkeypatch.setenv("TOKEN_EXPIRY_HOURS", "24")
    monkeypatch.setenv("PERSISTAUTH_RENEWAL", "on")
    names = [fact["name"] for fact in run_json("settings", "--changed")]
    assert names == ["JWT_SECRET_KEY", "PERSISTAUTH_RENEWAL", "PERSISTAUTH_BCRYPT_ROUNDS"]
    for name in names:
        monkeypatch.delenv(name)
    assert run("settings", "--changed").stdout == "Every setting has its default.\n"
    assert run_json("settings", "--changed") == []


def secret_settings() -> dict[str, str]:
    """Return a value with a canary for every setting that may hold a secret."""
    values = {}
    for field, info in AuthSettings.model_fields.items():
        if field in URLS:
            values[environment_name(field)] = "https://ada:canary@host/x?key=canary"
        elif SecretStr.__name__ in str(info.annotation) or not info.repr:
            values[environment_name(field)] = f"{KEY},{KEY}" if field[-1] == "s" else KEY
    return values


def test_masked(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key and no password is printed, only that there is one."""
    values = secret_settings()
    assert {"JWT_SECRET_KEY", "JWT_PREVIOUS_KEYS", "PERSISTAUTH_SMTP_URL"} <= values.keys()
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    for option in ((), ("--json",)):
        result = run("settings", *option)
        assert result.exit_code == 0
        assert "canary" not in result.output
    facts = {fact["name"]: fact["value"] for fact in json.loads(result.stdout)}
    assert facts["JWT_SECRET_KEY"] == "***"
    assert facts["JWT_PREVIOUS_KEYS"] == ["***", "***"]
    assert facts["PERSISTAUTH_SMTP_URL"] == "https://***@host/x?***"


@pytest.mark.parametrize(
    ("url", "masked"),
    [
        ("sqlite:///persistauth.db", "sqlite:///persistauth.db"),
        ("memory://", "memory://"),
        ("postgresql+psycopg://host:5432/db", "postgresql+psycopg://host:5432/db"),
        ("postgresql://user:canary@host/db", "postgresql://***@host/db"),
        ("postgresql://user:can/ary@host/db", "postgresql://***@host/db"),
        ("postgresql://user:can@ary@host/db", "postgresql://***@host/db"),
        ("postgresql://user:canary?@host/db", "postgresql://***"),
        ("postgresql:///db?user=a@b&password=canary", "postgresql://***"),
        ("postgresql:///db?password=canary", "postgresql:///db?***"),
        ("redis://:can#ary@host:6379/0", "redis://***@host:6379/0"),
        ("user:canary@host", "***"),
        ("host=x password=canary", "***"),
    ],
)
def test_url(url: str, masked: str) -> None:
    """A URL is shown without user, password and query."""
    assert mask_url(url) == masked


def test_malformed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """A malformed setting is named in one line, without its value."""
    monkeypatch.setenv("TOKEN_EXPIRY_HOURS", "canary")
    line = refused(run("settings"), 2)
    assert line == "persistauth: TOKEN_EXPIRY_HOURS: a number is expected."
