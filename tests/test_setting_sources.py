"""Unreadable files of settings, misspelled names, and values that hide others."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import streamlit as st
from click.testing import CliRunner
from streamlit.runtime.secrets import Secrets
from tests.support import scripts
from tests.support.page import Page

from streamlit_persistauth.cli import main
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.settings import AuthSettings, read_origins, read_settings

pytestmark = pytest.mark.usefixtures("clean_machine", "fresh_secrets")

CLOSED = '[persistauth]\npersistauth_registration = "closed"\n'
CANARY = "canary-kept-secret"
BROKEN_SECRETS = {
    "an unquoted value": (CLOSED + f"[database]\npassword = {CANARY}\n", 4),
    "an open quote": (CLOSED + f'other = "{CANARY}\n', 3),
    "a name twice": (CLOSED + f'persistauth_registration = "{CANARY}"\n', 3),
    "an open list at the end": (CLOSED + f'other = ["{CANARY}",\n', 4),
    "a byte order mark": ("\ufeff" + CLOSED, 1),
}
BROKEN_DOTENV = {
    "an open quote": (f'A=1\nJWT_SECRET_KEY="{CANARY}\n', 2),
    "text behind a quote": (f'A=1\nB=2\nJWT_SECRET_KEY="{CANARY}"{CANARY}\n', 3),
    "a colon and a space": (f"PERSISTAUTH_PEPPER: {CANARY}\n", 1),
    "a colon": (f"\nJWT_SECRET_KEY:{CANARY}\n", 2),
    "a name alone": ("PERSISTAUTH_REGISTRATION\n", 1),
}


@pytest.fixture
def fresh_secrets(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let Streamlit read the secrets of this folder, and forget them."""
    monkeypatch.setattr(st, "secrets", Secrets())
    yield
    st.secrets._reset()  # it copies secrets into the environment of the process


def write_secrets(text: str | bytes) -> None:
    """Write the `secrets.toml` of the app."""
    Path(".streamlit").mkdir()
    data = text.encode() if isinstance(text, str) else text
    Path(".streamlit/secrets.toml").write_bytes(data)


def refusal() -> ConfigError:
    """Assert that the settings are refused in one line without a secret, and return the error."""
    with pytest.raises(ConfigError) as caught:
        read_settings()
    assert CANARY not in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return caught.value


@pytest.mark.parametrize(("text", "line"), BROKEN_SECRETS.values(), ids=BROKEN_SECRETS)
def test_broken_secrets(text: str, line: int) -> None:
    """A file of secrets that is not TOML is refused by name and line, not ignored."""
    write_secrets(text)
    error = refusal()
    assert error.setting == ".streamlit/secrets.toml"
    assert f"line {line} cannot be read" in str(error)


def test_secrets_in_another_encoding() -> None:
    """A file of secrets that is not UTF-8 is refused by name and line."""
    write_secrets(CLOSED.encode() + b'other = "\xff"\n')
    assert "line 3 cannot be read" in str(refusal())


def test_secrets_that_the_system_refuses() -> None:
    """A file of secrets that can't be opened is refused by name."""
    Path(".streamlit/secrets.toml").mkdir(parents=True)
    assert refusal().setting == ".streamlit/secrets.toml"


def test_secrets_given_by_the_app() -> None:
    """A broken file is refused even if `st.App(secrets=)` provides others, which hide the fault."""
    write_secrets(BROKEN_SECRETS["an unquoted value"][0])
    st.secrets.merge_programmatic_secrets({"other": {"a": 1}})
    refusal()


def test_folder_of_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder of secrets, as Kubernetes mounts one, is read; an unreadable one is refused."""
    section = Path("mounted/persistauth")
    section.mkdir(parents=True)
    (section / "persistauth_registration").write_text("closed")
    (section / "persistauth_cookie_name").write_text("mounted")
    options = {"secrets.files": [str(Path("mounted").resolve())]}
    monkeypatch.setattr(st, "get_option", options.get)
    monkeypatch.setattr("streamlit.config.get_option", options.get)
    assert read_settings().cookie_name == "mounted"
    Path("mounted/stray").write_text(CANARY)
    monkeypatch.setattr(st, "secrets", Secrets())
    assert refusal().setting == "mounted"


def test_no_secrets() -> None:
    """Without files of settings the defaults apply."""
    assert read_settings() == AuthSettings()


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ('[persistauht]\npersistauth_registration = "closed"\n', "Did you mean [persistauth]?"),
        ('[Persistauth]\npersistauth_registration = "closed"\n', "Did you mean [persistauth]?"),
        ('persistauth_registration = "closed"\n', "in the section [persistauth]"),
        ('[persistauth]\nPERSISTAUTH_REGISTRATION = "closed"\n', "mean persistauth_registration?"),
    ],
)
def test_misplaced_secrets(text: str, hint: str) -> None:
    """Settings outside the section, and a misspelled section, are refused."""
    write_secrets(text)
    assert hint in str(refusal())


@pytest.mark.parametrize(("text", "line"), BROKEN_DOTENV.values(), ids=BROKEN_DOTENV)
def test_broken_dotenv(text: str, line: int) -> None:
    """A malformed line of `.env` is refused by number, not ignored."""
    Path(".env").write_text(text)
    error = refusal()
    assert error.setting == ".env"
    assert f"line {line} cannot be read" in str(error)


def test_dotenv_in_another_encoding() -> None:
    """A `.env` that is not UTF-8 is refused by line."""
    Path(".env").write_bytes(b"A=1\nJWT_SECRET_KEY=\xff\xfe\n")
    assert "line 2 cannot be read" in str(refusal())


def test_dotenv_with_a_byte_order_mark() -> None:
    """A byte order mark is not part of the first name."""
    Path(".env").write_bytes(b"\xef\xbb\xbfPERSISTAUTH_REGISTRATION=closed\n")
    assert read_settings().registration == "closed"


def test_dotenv_that_is_a_folder() -> None:
    """A virtual environment named `.env` is ignored."""
    Path(".env").mkdir()
    assert read_settings() == AuthSettings()


def test_lines_of_other_programs() -> None:
    """Comments, empty lines and names without a value, of other programs, are ignored."""
    Path(".env").write_text("# A: comment\n\nOTHER\nexport PERSISTAUTH_REGISTRATION=closed\n")
    assert read_settings().registration == "closed"


def test_page_and_doctor() -> None:
    """The page names the line and allows no registration; `doctor` fails."""
    write_secrets(BROKEN_SECRETS["an unquoted value"][0])
    page = Page(scripts.guarded)
    assert page.fields == page.buttons == []
    assert ["secrets.toml: line 4" in text for text in page.errors] == [True]
    done = CliRunner().invoke(main, ["doctor", "--json"])
    assert done.exit_code == 1
    (finding,) = json.loads(done.output)["findings"]
    assert finding["severity"] == "error"
    assert "secrets.toml: line 4" in finding["message"]
    assert not Path("persistauth.db").exists()


NEAR = {
    "JWT_PREVIOUS_KEY": "JWT_PREVIOUS_KEYS",
    "JWT_PREVIUOS_KEY": "JWT_PREVIOUS_KEYS",
    "JWT_SECRET_KEYS": "JWT_SECRET_KEY",
    "JWT_SECERT_KEY": "JWT_SECRET_KEY",
    "JWTSECRETKEY": "JWT_SECRET_KEY",
    "jwt_secret_key": "JWT_SECRET_KEY",
    "TOKEN_EXPIRY_HOUR": "TOKEN_EXPIRY_HOURS",
    "TOKEN_EXPIRES_HOURS": "TOKEN_EXPIRY_HOURS",
    "REFRESH_TOKEN_EXPIRY_DAY": "REFRESH_TOKEN_EXPIRY_DAYS",
    "DEBUG_AUTHS": "DEBUG_AUTH",
    "persistauth_registration": "PERSISTAUTH_REGISTRATION",
}
OTHERS = [
    "JWT_SECRET",
    "JWT_KEY",
    "JWT_PRIVATE_KEY",
    "JWT_PUBLIC_KEY",
    "JWT_SECRET_KEY_ID",
    "APP_JWT_SECRET_KEY",
    "TOKEN_EXPIRY",
    "ACCESS_TOKEN_EXPIRY_HOURS",
    "REFRESH_TOKEN_EXPIRY",
    "REFRESH_TOKEN_EXPIRY_HOURS",
    "DEBUG",
    "AUTH_DEBUG",
]


@pytest.mark.parametrize(("name", "meant"), NEAR.items())
def test_near_misses(monkeypatch: pytest.MonkeyPatch, name: str, meant: str) -> None:
    """A misspelled name of ours is refused, in the environment and in `.env`."""
    monkeypatch.setenv(name, CANARY)
    assert f"Did you mean {meant}?" in str(refusal())
    monkeypatch.delenv(name)
    Path(".env").write_text(f"{name}={CANARY}\n")
    assert refusal().setting == name


@pytest.mark.parametrize("name", OTHERS)
def test_names_of_other_programs(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A name that other programs use is ignored."""
    monkeypatch.setenv(name, "4")
    Path(".env").write_text(f"{name}=4\n")
    assert read_settings().model_fields_set == set()


def test_empty_value_that_hides_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty value, such as an unset variable of a container, may not hide another value."""
    monkeypatch.setenv("JWT_PREVIOUS_KEYS", "")
    assert read_settings().jwt_previous_keys == ()
    Path(".env").write_text(f"JWT_PREVIOUS_KEYS={CANARY}\n")
    assert "empty in the environment and has a value in .env" in str(refusal())
    monkeypatch.delenv("JWT_PREVIOUS_KEYS")
    assert len(read_settings().jwt_previous_keys) == 1
    write_secrets('[persistauth]\npersistauth_app_name = "Bikes"\n')
    monkeypatch.setattr(st, "secrets", Secrets())
    Path(".env").write_text("PERSISTAUTH_APP_NAME=\n")
    assert "empty in .env and has a value in the secrets" in str(refusal())
    monkeypatch.setenv("PERSISTAUTH_APP_NAME", "Trains")
    assert read_settings().app_name == "Trains"


def test_short_name_that_an_empty_variable_hides(monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty variable may not hide a secret under its short name either."""
    write_secrets('[persistauth]\napp_name = "Bikes"\n')
    assert read_settings().app_name == "Bikes"
    monkeypatch.setenv("PERSISTAUTH_APP_NAME", "")
    assert "empty in the environment and has a value in the secrets" in str(refusal())


def test_origins(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting is said to come from the source that wins."""
    write_secrets('[persistauth]\napp_name = "a"\nwelcome = false\ntoken_expiry_hours = 1\n')
    Path(".env").write_text("TOKEN_EXPIRY_HOURS=2\nPERSISTAUTH_WELCOME=on\n")
    monkeypatch.setenv("PERSISTAUTH_WELCOME", "off")
    assert read_origins() == {
        "app_name": "secrets.toml",
        "token_expiry_hours": ".env",
        "welcome": "environment",
    }
