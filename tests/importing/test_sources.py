"""The import of accounts from files and tables of other systems."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bcrypt
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, create_engine, text
from tests.support.authenticator_config import make_config
from tests.support.core_app import PASSWORD
from tests.support.servers import empty_url

from streamlit_persistauth.cli import main
from streamlit_persistauth.core.storage.records import Pending, UserRecord
from streamlit_persistauth.importing.fields import to_account
from streamlit_persistauth.models import User
from streamlit_persistauth.wiring.services import AppConfig, services_for

pytestmark = pytest.mark.usefixtures("clean_machine")

HASH = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()
SEED = (
    "CREATE TABLE users (id INTEGER PRIMARY KEY, username VARCHAR(80) UNIQUE NOT NULL,"
    " email VARCHAR(120), password_hash VARCHAR(255) NOT NULL, full_name VARCHAR(120),"
    " role VARCHAR(20), is_active BOOLEAN, created_at TIMESTAMP NULL)"
)


def run(*arguments: str) -> Result:
    """Run `persistauth import`."""
    return CliRunner().invoke(main, ["import", *arguments], prog_name="persistauth")


def imported(*arguments: str) -> dict[str, list[dict[str, Any]]]:
    """Run `persistauth import` with `--json`, and return the result."""
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    parsed: dict[str, list[dict[str, Any]]] = json.loads(result.stdout)
    return parsed


def sign_in(email: str, password: str = PASSWORD) -> UserRecord:
    """Sign in to the app's own database."""
    return services_for(AppConfig()).accounts.authenticate(email, password)


def test_streamlit_authenticator_itself(
    pytestconfig: pytest.Config, clean_machine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users of a file that streamlit-authenticator wrote can sign in with their passwords."""
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")
    assert pytestconfig.cache is not None
    path = clean_machine / "config.yaml"
    make_config(path, pytestconfig.cache.mkdir("streamlit-authenticator-0.4.2"))
    assert "plum-Kettle" not in path.read_text()
    result = imported("streamlit-authenticator", str(path))
    assert [item["email"] for item in result["imported"]] == [
        "ada@example.com",
        "grace@example.com",
    ]
    assert result["skipped"] == []
    ada = sign_in("ada@example.com", "plum-Kettle-93-orbit").user
    assert (ada.full_name, ada.roles) == ("Ada Lovelace", ("admin", "editor"))
    grace = sign_in("grace@example.com", "nanosecond-wire-11").user
    assert (grace.full_name, grace.roles) == ("Grace Hopper", ("viewer",))


CONFIG = f"""
cookie: {{name: c, key: k, expiry_days: 30}}
credentials:
  usernames:
    old: {{email: old@example.com, name: Old Style, password: {HASH}}}
    grace@example.com: {{password: {HASH}}}
    bob: {{first_name: Bob, password: {HASH}, role: viewer}}
    guest: {{email: guest@example.com}}
    7: {{email: seven@example.com, password: {HASH}, roles: null}}
    empty:
pre-authorized:
  emails: [waiting@example.com]
"""


def test_streamlit_authenticator(clean_machine: Path) -> None:
    """Imports older files, user names with and without an address, guests and numeric names."""
    path = clean_machine / "config.yaml"
    path.write_text(CONFIG)
    result = imported("streamlit-authenticator", str(path))
    assert {item["label"] for item in result["imported"]} == {"old", "grace@example.com", "7"}
    assert {item["label"] for item in result["skipped"]} == {
        "bob",
        "guest",
        "empty",
        "pre-authorized waiting@example.com",
    }
    assert sign_in("old@example.com").user.full_name == "Old Style"
    result = imported("streamlit-authenticator", str(path), "--domain", "example.net")
    assert [item["email"] for item in result["imported"]] == ["bob@example.net"]
    assert sign_in("bob@example.net").user.roles == ("viewer",)


@pytest.mark.parametrize("login_by", ["username", "either"])
def test_streamlit_authenticator_by_username(
    clean_machine: Path, monkeypatch: pytest.MonkeyPatch, login_by: str
) -> None:
    """User names are kept, also those without an address, and sign in with the old password."""
    monkeypatch.setenv("PERSISTAUTH_LOGIN_BY", login_by)
    path = clean_machine / "config.yaml"
    path.write_text(CONFIG)
    labels = {item["label"] for item in imported("streamlit-authenticator", str(path))["imported"]}
    assert labels >= {"old", "bob", "7"}
    assert ("grace@example.com" in labels) is (login_by == "either")
    for name, email in (("old", "old@example.com"), ("BOB", ""), ("7", "seven@example.com")):
        assert sign_in(name).user.email == email


@pytest.mark.parametrize(
    "content", ["", "[]", "x: [", "a: 1", "credentials: 3", "credentials: {usernames: []}", "\0"]
)
def test_invalid_config(clean_machine: Path, content: str) -> None:
    """A file without users exits with status 2 and one line."""
    path = clean_machine / "config.yaml"
    path.write_text(content)
    result = run("streamlit-authenticator", str(path))
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 1)


def test_yaml_cannot_run_code(clean_machine: Path) -> None:
    """A file with Python tags is refused, and no Python is run."""
    path = clean_machine / "config.yaml"
    path.write_text("credentials: !!python/object/apply:os.mkdir [planted]\n")
    assert run("streamlit-authenticator", str(path)).exit_code == 2
    assert not (clean_machine / "planted").exists()


def test_csv(clean_machine: Path) -> None:
    """Imports a CSV file with usual headings, as spreadsheets write it."""
    path = clean_machine / "users.csv"
    path.write_text(
        "Nr,email,name,password_hash,roles,active,joined\r\n"
        f'1,ada@example.com,"Lovelace, Ada",{HASH},"admin, editor",1,2020-01-02T03:04:05Z\r\n'
        f"2,off@example.com,Off,{HASH},,0,\r\n"
        "3,nobody@example.com,Nobody,,,,\r\n",
        encoding="utf-8-sig",
    )
    result = imported("csv", str(path))
    assert [item["email"] for item in result["imported"]] == ["ada@example.com", "off@example.com"]
    assert [item["label"] for item in result["skipped"]] == ["line 4"]
    user = sign_in("ada@example.com").user
    assert (user.full_name, user.roles) == ("Lovelace, Ada", ("admin", "editor"))
    assert str(user.created_at) == "2020-01-02 03:04:05+00:00"
    off = services_for(AppConfig()).users.find("off@example.com")
    assert off is not None
    assert not off.user.is_active


def test_csv_with_usernames(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A CSV file with user names needs no column for addresses."""
    monkeypatch.setenv("PERSISTAUTH_LOGIN_BY", "username")
    path = clean_machine / "users.csv"
    path.write_text(f"username,hash\nAda,{HASH}\nb b,{HASH}\n\u0430da,{HASH}\n", encoding="utf-8")
    result = imported("csv", str(path))
    assert [item["label"] for item in result["imported"]] == ["line 2"]
    reasons = [item["reason"] for item in result["skipped"]]
    assert "without spaces" in reasons[0]
    assert "already exists" in reasons[1]
    assert sign_in("ada").user.email == ""


@pytest.mark.parametrize(
    ("fields", "email", "username"),
    [
        ({"email": "a@x.org", "username": "ada"}, "a@x.org", "ada"),
        ({"username": "a@x.org"}, "a@x.org", ""),
        ({"email": "a@x.org", "username": "b@x.org"}, "a@x.org", ""),
        ({"email": None, "username": "ada"}, "", "ada"),
    ],
)
def test_login_names(fields: dict[str, object], email: str, username: str) -> None:
    """An address in a column for user names is the address of an account without one."""
    account = to_account(fields, "row")
    assert (account.email, account.username) == (email, username)


@pytest.mark.parametrize(
    ("fields", "is_active"),
    [
        ({}, True),
        ({"is_active": None}, True),
        ({"is_active": b"\x01"}, True),
        ({"is_active": b"\x00"}, False),
        ({"is_active": 0.0}, False),
        ({"is_active": "suspended"}, False),
    ],
)
def test_is_active(fields: dict[str, object], *, is_active: bool) -> None:
    """Disabled users stay disabled, for each kind of Boolean column."""
    assert to_account(fields, "row").is_active is is_active


def test_own_table(clean_machine: Path) -> None:
    """From a database of the library, accounts with an unconfirmed address are skipped."""
    old = services_for(AppConfig(f"sqlite:///{clean_machine}/old.db"))
    for name, pending in (("ada", None), ("stranger", Pending.CONFIRMATION)):
        email = f"{name}@example.com"
        old.users.add(
            UserRecord(
                User(name, email, created_at=old.clock()),
                HASH,
                email_key=email,
                security_stamp=name,
                pending=pending,
            )
        )
    result = imported("sql", f"sqlite:///{clean_machine}/old.db")
    assert [item["email"] for item in result["imported"]] == ["ada@example.com"]
    assert "never confirmed" in result["skipped"][0]["reason"]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ("email=Mail,password_hash=Secret", None),
        ("email=Mail", "password_hash"),
        ("email=None", "no column None"),
        ("colour=Mail", "no field colour"),
        ("email", "pairs are expected"),
    ],
)
def test_csv_columns(clean_machine: Path, columns: str, words: str | None) -> None:
    """`--columns` names unusual headings; a wrong name exits with status 2 and the reason."""
    path = clean_machine / "users.csv"
    path.write_text(f"Mail,Secret\nada@example.com,{HASH}\n")
    result = run("csv", str(path), "--columns", columns)
    assert result.exit_code == (0 if words is None else 2)
    assert (words or "") in result.stderr


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"", b"email\n"])
def test_invalid_csv(clean_machine: Path, content: bytes) -> None:
    """An invalid CSV file exits with status 2."""
    path = clean_machine / "users.csv"
    path.write_bytes(content)
    assert run("csv", str(path)).exit_code == 2


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def seed(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """The table of a hand-made login, with three users."""
    url = empty_url(request.param, request).replace("app.db", "old.db")
    engine = create_engine(url)
    values = {"hash": HASH}
    with engine.begin() as connection:
        connection.execute(text(SEED))
        for row in (
            "(1, 'ada', 'ada@example.com', :hash, 'Ada Lovelace', 'admin', true, NULL)",
            "(2, 'off', 'off@example.com', :hash, 'Off', 'user', false, '2020-01-02 03:04:05')",
            "(3, 'bob', NULL, :hash, 'Bob', 'user', true, NULL)",
        ):
            connection.execute(text(f"INSERT INTO users VALUES {row}"), values)
    yield engine
    engine.dispose()


def test_sql(seed: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The table of a hand-made login is imported from a URL in the environment, unchanged."""
    url = seed.url.render_as_string(hide_password=False)
    monkeypatch.setenv("IMPORT_DATABASE_URL", url)
    dry = imported("sql", "--dry-run")
    assert dry["dry_run"]
    result = imported("sql")
    assert result["imported"] == dry["imported"]
    assert result["skipped"] == dry["skipped"]
    assert [item["label"] for item in result["skipped"]] == ["users 3"]
    user = sign_in("ada@example.com").user
    assert (user.full_name, user.roles) == ("Ada Lovelace", ("admin",))
    off = services_for(AppConfig()).users.find("off@example.com")
    assert off is not None
    assert (off.user.is_active, f"{off.user.created_at:%Y-%m-%d %H:%M}") == (
        False,
        "2020-01-02 03:04",
    )
    with seed.connect() as connection:
        assert len(connection.execute(text("SELECT * FROM users")).all()) == 3
    again = imported("sql", url)
    assert again["imported"] == []


def test_sql_by_username(seed: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Users of a hand-made login keep their user names, also those without an address."""
    monkeypatch.setenv("PERSISTAUTH_LOGIN_BY", "username")
    result = imported("sql", seed.url.render_as_string(hide_password=False))
    assert result["skipped"] == []
    assert sign_in("ada").user.email == "ada@example.com"
    assert sign_in("bob").user.email == ""


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["sqlite:///old.db", "--table", "members"], 2),
        (["nonsense"], 2),
        (["sqlite:///none/old.db"], 1),
        ([], 2),
    ],
)
def test_no_such_table(arguments: list[str], status: int) -> None:
    """A missing table exits with status 2, a missing database with status 1."""
    result = run("sql", *arguments)
    assert result.exit_code == status
    assert "Traceback" not in result.output


def test_report_for_people(clean_machine: Path) -> None:
    """The table of skipped accounts is printed, with control characters escaped."""
    path = clean_machine / "config.yaml"
    path.write_text('credentials: {usernames: {"evil\\e[2Jname": {email: x}}}')
    result = run("streamlit-authenticator", str(path), "--dry-run")
    assert result.exit_code == 0
    assert "\x1b" not in result.output
    assert r"evil\x1b[2Jname" in result.output
    assert "0 would be imported, 1 skipped." in result.output


def test_dry_run(clean_machine: Path) -> None:
    """A dry run lists what would be imported, with roles and without hashes, and adds nothing."""
    path = clean_machine / "config.yaml"
    path.write_text(CONFIG.replace("name: Old Style,", "roles: [editor, admin],"))
    result = run("streamlit-authenticator", str(path), "--dry-run")
    assert result.exit_code == 0
    lines = [line.split() for line in result.stdout.splitlines()]
    assert ["Would", "be", "imported", "Email", "Username", "Roles"] in lines
    assert ["old", "old@example.com", "old", "admin,", "editor"] in lines
    assert ["grace@example.com", "grace@example.com"] in lines
    assert HASH not in result.output
    dry = imported("streamlit-authenticator", str(path), "--dry-run")
    roles = {item["label"]: item["roles"] for item in dry["imported"]}
    assert roles == {"old": ["admin", "editor"], "grace@example.com": [], "7": []}
    assert services_for(AppConfig()).accounts.is_empty()
    assert "Would be" not in run("streamlit-authenticator", str(path)).output


@pytest.mark.parametrize("login_by", ["email", "username", "either"])
def test_pre_authorized(
    clean_machine: Path, monkeypatch: pytest.MonkeyPatch, login_by: str
) -> None:
    """An address that may only register is skipped with the remedy, whatever users sign in by."""
    monkeypatch.setenv("PERSISTAUTH_LOGIN_BY", login_by)
    path = clean_machine / "config.yaml"
    path.write_text(CONFIG)
    skipped = imported("streamlit-authenticator", str(path))["skipped"]
    reasons = {item["label"]: item["reason"] for item in skipped}
    remedy = "It has no password; invite its owner instead."
    assert reasons["pre-authorized waiting@example.com"] == remedy
    assert reasons["guest"] == remedy


def test_report_of_usernames(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An account that is imported without a part of it is reported, with the reason."""
    monkeypatch.setenv("PERSISTAUTH_LOGIN_BY", "username")
    path = clean_machine / "config.yaml"
    users = f"jsmith: {{email: x, password: '{HASH}'}}, bob: {{password: '{HASH}'}}"
    path.write_text(f"credentials: {{usernames: {{{users}}}}}")
    line = "jsmith would be imported in part: Please enter a valid email address."
    assert line in run("streamlit-authenticator", str(path), "--dry-run").output
    result = imported("streamlit-authenticator", str(path))
    names = [(item["username"], item["email"]) for item in result["imported"]]
    assert names == [("jsmith", ""), ("bob", "")]
    notes = [item["note"] for item in result["imported"]]
    assert notes == ["Please enter a valid email address.", None]
