import os
from contextlib import nullcontext
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pydantic import HttpUrl, ValidationError

from streamlit_persistauth.core.accounts.login_names import LoginBy
from streamlit_persistauth.errors import ConfigError
from streamlit_persistauth.settings import AuthSettings, environment, environment_name

pytestmark = pytest.mark.usefixtures("clean_machine")

# Every setting: its field, its environment variable, a text for it, and what that means.
SETTINGS = [
    ("token_expiry_hours", "TOKEN_EXPIRY_HOURS", "0.01", 0.01),
    ("database_url", "PERSISTAUTH_DATABASE_URL", "sqlite:///x.db", "sqlite:///x.db"),
    ("token_store_url", "PERSISTAUTH_TOKEN_STORE_URL", "memory://", "memory://"),
    ("store_timeout_seconds", "PERSISTAUTH_STORE_TIMEOUT_SECONDS", "2.5", 2.5),
    ("redis_replicas", "PERSISTAUTH_REDIS_REPLICAS", "2", 2),
    ("synchronous_revocations", "PERSISTAUTH_SYNCHRONOUS_REVOCATIONS", "on", True),
    ("revalidate_seconds", "PERSISTAUTH_REVALIDATE_SECONDS", "2.5", 2.5),
    ("auto_purge_hours", "PERSISTAUTH_AUTO_PURGE_HOURS", "24", 24),
    ("event_retention_days", "PERSISTAUTH_EVENT_RETENTION_DAYS", "90", 90),
    ("cookie_name", "PERSISTAUTH_COOKIE_NAME", "my-app", "my-app"),
    ("answer_seconds", "PERSISTAUTH_ANSWER_SECONDS", "0.5", 0.5),
    ("embedded", "PERSISTAUTH_EMBEDDED", "on", True),
    ("login_by", "PERSISTAUTH_LOGIN_BY", "either", LoginBy.EITHER),
    ("registration", "PERSISTAUTH_REGISTRATION", "closed", "closed"),
    (
        "registration_domains",
        "PERSISTAUTH_REGISTRATION_DOMAINS",
        "example.org, .Example.com,B\u00fccher.example.org",
        ("example.org", ".example.com", "xn--bcher-kva.example.org"),
    ),
    ("email_verification", "PERSISTAUTH_EMAIL_VERIFICATION", "on", True),
    ("recheck_seconds", "PERSISTAUTH_RECHECK_SECONDS", "2.5", 2.5),
    ("protect_files", "PERSISTAUTH_PROTECT_FILES", "on", True),
    ("frame_ancestors", "PERSISTAUTH_FRAME_ANCESTORS", "https://a.example", "https://a.example"),
    ("csp", "PERSISTAUTH_CSP", "default-src 'self'", "default-src 'self'"),
    ("csp_report_only", "PERSISTAUTH_CSP_REPORT_ONLY", "default-src 'self'", "default-src 'self'"),
    ("token_claims", "PERSISTAUTH_TOKEN_CLAIMS", "email", ("email",)),
    ("password_min_length", "PERSISTAUTH_PASSWORD_MIN_LENGTH", "15", 15),
    ("bcrypt_rounds", "PERSISTAUTH_BCRYPT_ROUNDS", "4", 4),
    ("refresh_token_expiry_days", "REFRESH_TOKEN_EXPIRY_DAYS", "7.5", 7.5),
    ("renewal", "PERSISTAUTH_RENEWAL", "on", True),
    ("idle_timeout_minutes", "PERSISTAUTH_IDLE_TIMEOUT_MINUTES", "30", 30),
    ("max_sessions", "PERSISTAUTH_MAX_SESSIONS", "5", 5),
    (
        "public_url",
        "PERSISTAUTH_PUBLIC_URL",
        "https://app.example.com/team",
        HttpUrl("https://app.example.com/team"),
    ),
    ("mail_from", "PERSISTAUTH_MAIL_FROM", "Acme <a@example.com>", "Acme <a@example.com>"),
    ("app_name", "PERSISTAUTH_APP_NAME", "Orchard", "Orchard"),
    ("logo", "PERSISTAUTH_LOGO", "logo.svg", "logo.svg"),
    ("hide_navigation", "PERSISTAUTH_HIDE_NAVIGATION", "on", True),
    ("language", "PERSISTAUTH_LANGUAGE", "de", "de"),
    (
        "trusted_proxies",
        "PERSISTAUTH_TRUSTED_PROXIES",
        "127.0.0.1, 10.0.0.0/8,2001:db8::/32",
        (ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("2001:db8::/32")),
    ),
    ("welcome", "PERSISTAUTH_WELCOME", "off", False),
    ("metrics", "PERSISTAUTH_METRICS", "on", True),
    ("debug_auth", "DEBUG_AUTH", "true", True),
]


def test_defaults() -> None:
    """Without any setting the documented defaults apply."""
    settings = AuthSettings()
    assert settings.model_dump() == {
        "jwt_secret_key": None,
        "jwt_previous_keys": (),
        "token_expiry_hours": 24,
        "refresh_token_expiry_days": 30,
        "renewal": False,
        "idle_timeout_minutes": 0,
        "max_sessions": 0,
        "database_url": "sqlite:///persistauth.db",
        "token_store_url": None,
        "store_timeout_seconds": 5,
        "redis_replicas": 0,
        "synchronous_revocations": False,
        "revalidate_seconds": 0,
        "auto_purge_hours": 0,
        "event_retention_days": 0,
        "cookie_name": "persistauth",
        "answer_seconds": 3,
        "embedded": False,
        "login_by": LoginBy.EMAIL,
        "registration": "first",
        "registration_domains": (),
        "email_verification": False,
        "token_claims": (),
        "recheck_seconds": 0,
        "protect_files": False,
        "frame_ancestors": "'self'",
        "csp": "",
        "csp_report_only": "",
        "password_min_length": 8,
        "bcrypt_rounds": 12,
        "pepper": None,
        "previous_peppers": (),
        "app_name": "",
        "trusted_proxies": (),
        "logo": "",
        "hide_navigation": False,
        "language": "browser",
        "public_url": None,
        "smtp_url": None,
        "mail_from": None,
        "welcome": True,
        "metrics": False,
        "debug_auth": False,
    }


def test_every_setting_is_here() -> None:
    """The list of this module lacks only the secrets, which have tests of their own."""
    secret = {"jwt_secret_key", "jwt_previous_keys", "pepper", "previous_peppers", "smtp_url"}
    named = {field for field, *_ in SETTINGS} | secret
    assert named == set(AuthSettings.model_fields)


@pytest.mark.parametrize(("field", "name", "text", "value"), SETTINGS)
def test_sources(
    monkeypatch: pytest.MonkeyPatch,
    field: str,
    name: str,
    text: str,
    value: Any,  # noqa: ANN401 - of every field
) -> None:
    """Each setting is read from its variable, from `.env`, and by both names from the secrets."""
    assert environment_name(field) == name
    assert getattr(AuthSettings(secrets={name.lower(): text}), field) == value
    assert getattr(AuthSettings(secrets={field: text}), field) == value
    Path(".env").write_text(f"{name}={text}\n")
    assert getattr(AuthSettings(), field) == value
    Path(".env").unlink()
    monkeypatch.setenv(name, text)
    assert getattr(AuthSettings(), field) == value
    monkeypatch.delenv(name)
    assert getattr(AuthSettings(**{field: value}), field) == value


def test_precedence(monkeypatch: pytest.MonkeyPatch) -> None:
    """An argument wins over the environment, that over `.env`, and that over the secrets."""
    secrets = {"persistauth_cookie_name": "secrets"}
    assert AuthSettings(secrets=secrets).cookie_name == "secrets"
    Path(".env").write_text("PERSISTAUTH_COOKIE_NAME=file\n")
    assert AuthSettings(secrets=secrets).cookie_name == "file"
    monkeypatch.setenv("PERSISTAUTH_COOKIE_NAME", "environment")
    assert AuthSettings(secrets=secrets).cookie_name == "environment"
    assert AuthSettings(secrets=secrets, cookie_name="argument").cookie_name == "argument"


def test_sources_mix(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each setting is read from the first source that has it."""
    Path(".env").write_text("TOKEN_EXPIRY_HOURS=2\n")
    monkeypatch.setenv("PERSISTAUTH_COOKIE_NAME", "environment")
    settings = AuthSettings(secrets={"debug_auth": True}, password_min_length=15)
    assert settings.token_expiry_hours == 2
    assert settings.cookie_name == "environment"
    assert settings.debug_auth is True
    assert settings.password_min_length == 15


OTHERS = ["DATABASE_URL", "COOKIE_NAME", "REGISTRATION", "BCRYPT_ROUNDS", "database_url", "OTHER"]


@pytest.mark.parametrize("name", OTHERS)
def test_other_variables(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A variable that is not ours, such as DATABASE_URL, changes nothing."""
    monkeypatch.setenv(name, "4")
    assert AuthSettings().model_dump() == AuthSettings.model_construct().model_dump()


@pytest.mark.parametrize("name", OTHERS)
def test_other_lines_of_the_file(name: str) -> None:
    """A line of `.env` that is not ours changes nothing."""
    Path(".env").write_text(f"{name}=4\n")
    assert AuthSettings().model_dump() == AuthSettings.model_construct().model_dump()


def explained(**values: Any) -> ConfigError:  # noqa: ANN401 - of every field
    """Assert that values are refused, and return the error."""
    with pytest.raises(ConfigError) as caught:
        AuthSettings(**values)
    return caught.value


def test_unknown_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    """A misspelled variable is refused, and the error suggests a name."""
    monkeypatch.setenv("PERSISTAUTH_DATABSE_URL", "canary")
    error = explained()
    assert error.setting == "PERSISTAUTH_DATABSE_URL"
    assert "Did you mean PERSISTAUTH_DATABASE_URL?" in str(error)
    assert "canary" not in str(error)


def test_unknown_line_of_the_file() -> None:
    """A misspelled name in `.env` is refused like one in the environment."""
    Path(".env").write_text("PERSISTAUTH_DATABSE_URL=canary\n")
    assert explained().setting == "PERSISTAUTH_DATABSE_URL"


def test_unknown_secret() -> None:
    """A misspelled name in the secrets is refused, and the error suggests a name."""
    error = explained(secrets={"persistauth_cookie_nam": "canary"})
    assert "persistauth_cookie_name?" in str(error)
    assert "canary" not in str(error)


def test_unknown_short_name() -> None:
    """A misspelled name without the prefix is refused too."""
    error = explained(secrets={"cookie_nam": "canary"})
    assert str(error) == "cookie_nam: there is no such setting. Did you mean cookie_name?"


@pytest.mark.parametrize("value", ["closed", "canary"])
def test_both_names(value: str) -> None:
    """A setting under both of its names is refused, also with the same value."""
    error = explained(secrets={"registration": "closed", "persistauth_registration": value})
    assert str(error) == (
        "PERSISTAUTH_REGISTRATION: the secrets have it as persistauth_registration and as "
        "registration. Remove one of them."
    )


def test_short_names_of_secrets_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """In the environment and in `.env`, a name without the prefix belongs to another program."""
    monkeypatch.setenv("REGISTRATION", "closed")
    Path(".env").write_text("registration=closed\n")
    assert AuthSettings().registration == "first"


def test_unknown_argument() -> None:
    """A misspelled argument is refused, and the error suggests a name."""
    assert "Did you mean cookie_name?" in str(explained(cookie_nam="canary"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("TOKEN_EXPIRY_HOURS", "canary"),
        ("TOKEN_EXPIRY_HOURS", ""),
        ("TOKEN_EXPIRY_HOURS", "0"),
        ("TOKEN_EXPIRY_HOURS", "-1"),
        ("TOKEN_EXPIRY_HOURS", "nan"),
        ("TOKEN_EXPIRY_HOURS", "inf"),
        ("TOKEN_EXPIRY_HOURS", "1e9"),
        ("TOKEN_EXPIRY_HOURS", "24,5"),
        ("PERSISTAUTH_COOKIE_NAME", ""),
        ("PERSISTAUTH_COOKIE_NAME", "canary; Domain=evil.example"),
        ("PERSISTAUTH_COOKIE_NAME", "canary=x"),
        ("PERSISTAUTH_COOKIE_NAME", "canary\n"),
        ("PERSISTAUTH_COOKIE_NAME", "c" * 65),
        ("PERSISTAUTH_REGISTRATION", "canary"),
        ("PERSISTAUTH_PASSWORD_MIN_LENGTH", "7"),
        ("PERSISTAUTH_PASSWORD_MIN_LENGTH", "canary"),
        ("PERSISTAUTH_BCRYPT_ROUNDS", "3"),
        ("PERSISTAUTH_BCRYPT_ROUNDS", "32"),
        ("DEBUG_AUTH", "canary"),
    ],
)
def test_malformed(monkeypatch: pytest.MonkeyPatch, name: str, text: str) -> None:
    """The error about a malformed value is one sentence with the setting and without the value."""
    monkeypatch.setenv(name, text)
    error = explained()
    assert error.setting == name
    assert str(error).startswith(f"{name}: ")
    assert len(str(error).splitlines()) == 1
    assert "canary" not in str(error)
    assert error.__suppress_context__


SENTENCES = [
    ("token_expiry_hours", "canary", "a number is expected."),
    ("token_expiry_hours", "0", "it must be more than 0."),
    ("token_expiry_hours", "1e9", "it must be at most 9600."),
    ("password_min_length", "7", "it must be at least 8."),
    ("max_sessions", "1.5", "a whole number is expected."),
    ("max_sessions", None, "a whole number is expected."),
    ("renewal", "canary", "`on` or `off` is expected."),
    ("login_by", "canary", "'email', 'username' or 'either' is expected."),
    ("registration", "canary", "'first', 'open', 'invited' or 'closed' is expected."),
    ("token_claims", "canary", "'email' is expected."),
    ("jwt_previous_keys", 5, "values separated by commas are expected."),
    ("jwt_secret_key", 5, "a text is expected."),
    ("app_name", "canary\ud800", "text in valid Unicode is expected."),
    ("public_url", "canary", "an address such as https://app.example.com is expected."),
    ("public_url", "ftp://canary", "an address such as https://app.example.com is expected."),
    ("public_url", 5, "an address such as https://app.example.com is expected."),
    (
        "trusted_proxies",
        "127.0.0.1, canary",
        "IP addresses or networks such as 10.0.0.0/8 are expected.",
    ),
    ("app_name", "canary" * 20, "it may have 100 characters at most."),
    ("app_name", "canary\n", "it must be one line of text."),
    (
        "cookie_name",
        "canary one",
        "1 to 64 letters, digits, hyphens and underscores of ASCII are expected.",
    ),
    ("logo", "canary://x", "a file, or an https: or data:image/ URL is expected."),
    ("mail_from", "canary", 'an email address is expected, or "Name" <address>.'),
    (
        "mail_from",
        "canary\nBcc: eve@example.com <a@example.com>",
        'an email address is expected, or "Name" <address>.',
    ),
    (
        "registration_domains",
        "example.org,*.canary.org",
        "mail domains such as example.org or .example.org are expected.",
    ),
    (
        "frame_ancestors",
        "canary;",
        "sources of CSP are expected, with one space between two of them.",
    ),
    (
        "csp",
        "canary\r\nSet-Cookie: x",
        "a Content-Security-Policy in one line of ASCII is expected.",
    ),
    (
        "frame_ancestors",
        "'self', canary",
        "sources of CSP are expected, with one space between two of them.",
    ),
    ("csp", " ", "a policy has at least one directive."),
    ("csp", "canary", "directive 1 has a name that CSP does not define."),
    (
        "csp",
        "img-src canary; frame-ancestors *",
        "directive 2 belongs in PERSISTAUTH_FRAME_ANCESTORS.",
    ),
    ("csp_report_only", "canary", "directive 1 has a name that CSP does not define."),
    ("csp_report_only", "canary\n", "a Content-Security-Policy in one line of ASCII is expected."),
]


@pytest.mark.parametrize(("field", "value", "sentence"), SENTENCES)
def test_sentence(field: str, value: object, sentence: str) -> None:
    """The error says what is expected, without a pattern or another term of the code."""
    assert str(explained(**{field: value})) == f"{environment_name(field)}: {sentence}"


def test_every_pattern_has_a_sentence() -> None:
    """Each field with a pattern has a sentence of its own."""
    patterns = {
        name
        for name, field in AuthSettings.model_fields.items()
        if any(getattr(item, "pattern", None) for item in field.metadata)
    }
    said = {field for field, _, sentence in SENTENCES}
    assert patterns
    assert patterns <= said


@pytest.mark.parametrize("field", ["csp", "csp_report_only"])
def test_policies(field: str) -> None:
    """A policy is `strict`, or written out; only the enforced one has its frames elsewhere."""
    for policy in ("", "strict", "default-src 'self'; img-src *"):
        values: dict[str, Any] = {field: policy}
        assert getattr(AuthSettings(**values), field) == policy
    assert AuthSettings(csp_report_only="frame-ancestors 'none'").csp_report_only


@pytest.mark.parametrize("value", [float("inf"), float("nan"), 1e300])
@pytest.mark.parametrize(
    "field",
    [name for name, field in AuthSettings.model_fields.items() if field.annotation is float],
)
def test_numbers_out_of_range(field: str, value: float) -> None:
    """A number that is not a period of time is refused, before a page can fail on it."""
    assert explained(**{field: value}).setting == environment_name(field)


def test_file_in_another_encoding() -> None:
    """A `.env` that is not UTF-8 is a ConfigError, not another exception."""
    Path(".env").write_bytes(b"PERSISTAUTH_COOKIE_NAME=\xff\xfe\n")
    explained()


def test_previous_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several former keys are separated by commas, with or without spaces."""
    monkeypatch.setenv("JWT_PREVIOUS_KEYS", " one, two ,,three,")
    keys = AuthSettings().jwt_previous_keys
    assert [key.get_secret_value() for key in keys] == ["one", "two", "three"]
    monkeypatch.setenv("JWT_PREVIOUS_KEYS", "")
    assert AuthSettings().jwt_previous_keys == ()
    monkeypatch.delenv("JWT_PREVIOUS_KEYS")
    listed = AuthSettings(secrets={"jwt_previous_keys": ["one", "two"]}).jwt_previous_keys
    assert [key.get_secret_value() for key in listed] == ["one", "two"]


def test_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a key nor a URL with its password is in a repr or a string."""
    monkeypatch.setenv("JWT_SECRET_KEY", "canary-1")
    monkeypatch.setenv("JWT_PREVIOUS_KEYS", "canary-2,canary-3")
    monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", "postgresql://user:canary-4@host/db")
    monkeypatch.setenv("PERSISTAUTH_TOKEN_STORE_URL", "redis://:canary-5@host")
    settings = AuthSettings()
    assert settings.database_url.endswith("canary-4@host/db")
    for shown in (repr(settings), str(settings), f"{settings!s:>9}", repr([settings])):
        assert "canary" not in shown


def test_frozen() -> None:
    """Settings are frozen, comparable and hashable."""
    settings = AuthSettings()
    with pytest.raises(ValidationError):
        settings.cookie_name = "other"
    assert hash(settings) == hash(AuthSettings())
    assert settings != AuthSettings(cookie_name="other")


def test_environment_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key for cached settings changes with every variable of ours."""
    seen = {environment()}
    for _, name, text, _ in SETTINGS:
        monkeypatch.setenv(name, text)
        seen.add(environment())
    monkeypatch.setenv("JWT_SECRET_KEY", "x")
    seen.add(environment())
    assert len(seen) == len(SETTINGS) + 2
    assert os.environ["JWT_SECRET_KEY"] == "x"


@pytest.mark.parametrize(
    ("idle", "revalidate", "fits"), [(1, 31, False), (1, 30, True), (0, 300, True)]
)
def test_idle_and_revalidate(idle: float, revalidate: float, fits: bool) -> None:  # noqa: FBT001
    """A cached session must not be so old that one in use seems idle."""
    with nullcontext() if fits else pytest.raises(ConfigError, match="REVALIDATE_SECONDS"):
        AuthSettings(idle_timeout_minutes=idle, revalidate_seconds=revalidate)
