import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, inspect
from tests.cli.conftest import refused

from streamlit_persistauth.cli import main
from streamlit_persistauth.cli.demo import fill_if_new, find_example, make_account
from streamlit_persistauth.cli.demo_data import NAMES
from streamlit_persistauth.core.sessions.key_strength import find_weakness

pytestmark = pytest.mark.usefixtures("clean_machine")


def run(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, arguments, prog_name="persistauth")


def tables(path: Path) -> set[str]:
    """Return the names of the tables in an SQLite file."""
    engine = create_engine(f"sqlite:///{path}")
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_secret() -> None:
    """`secret` prints one strong key and nothing else, a different one each time."""
    first, second = run("secret"), run("secret")
    assert first.exit_code == 0
    (key,) = first.output.splitlines()
    assert find_weakness(key) is None
    assert second.output != first.output


def test_init_db(clean_machine: Path) -> None:
    """`init-db` creates the tables of the given database."""
    result = run("init-db", "--database", "sqlite:///app.db")
    assert (result.exit_code, result.output) == (0, "The tables are ready.\n")
    expected = {
        "users",
        "auth_tokens",
        "auth_throttle",
        "auth_revocations",
        "auth_events",
        "auth_schema",
    }
    assert tables(clean_machine / "app.db") == expected


def test_init_db_again() -> None:
    """`init-db` succeeds on a database that has the tables."""
    assert run("init-db").exit_code == 0
    assert run("init-db").exit_code == 0


def test_init_db_by_setting(monkeypatch: pytest.MonkeyPatch, clean_machine: Path) -> None:
    """The setting names the database; the option overrides it."""
    monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", "sqlite:///by-setting.db")
    assert run("init-db").exit_code == 0
    assert run("init-db", "--database", "sqlite:///by-option.db").exit_code == 0
    assert (clean_machine / "by-setting.db").exists()
    assert (clean_machine / "by-option.db").exists()


@pytest.mark.parametrize(
    "url", ["nonsense", "unknown://user:canary@host/db", "postgresql+psycopg2://user:canary@host/x"]
)
def test_misconfigured(url: str) -> None:
    """A wrong configuration exits with status 2 and one line."""
    line = refused(run("init-db", "--database", url), 2)
    assert line.startswith("persistauth: PERSISTAUTH_DATABASE_URL: ")
    assert "canary" not in line


def test_weak_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A weak key exits with status 2 and names the remedy."""
    monkeypatch.setenv("JWT_SECRET_KEY", "canary")
    line = refused(run("init-db"), 2)
    assert "persistauth secret" in line
    assert "canary" not in line


def test_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that does not open exits with status 1 and one line without internal text."""
    monkeypatch.setenv("JWT_SECRET_KEY", run("secret").output.strip())
    line = refused(run("init-db", "--database", "sqlite:///missing/app.db"), 1)
    assert line.startswith("persistauth: ")
    assert "sqlite3" not in line


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["init-db", "--nonsense"], ["init-db", "x"], ["--nonsense"]]
)
def test_wrong_usage(arguments: list[str]) -> None:
    """Wrong usage exits with status 2 and prints the usage."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage: persistauth" in result.stderr


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(option: str) -> None:
    """The help lists commands, one a line, and each has its own help."""
    result = run(option)
    assert result.exit_code == 0
    for command in ("demo", "init-db", "secret"):
        assert f"  {command} " in result.output
        assert run(command, option).exit_code == 0


def test_schema() -> None:
    """The printed statements create the tables; an unknown dialect is wrong usage."""
    printed = run("schema", "--dialect", "mariadb")
    assert printed.exit_code == 0
    assert "COLLATE utf8mb4_nopad_bin" in printed.output
    assert run("schema").output.startswith("CREATE TABLE users (")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(run("schema").output)
    assert run("schema", "--dialect", "oracle").exit_code == 2


def test_version() -> None:
    """`--version` prints the version of the package."""
    from streamlit_persistauth import __version__

    assert __version__ in run("--version").output


def test_module(clean_machine: Path) -> None:
    """`python -m streamlit_persistauth` is the same command."""
    finished = subprocess.run(
        [sys.executable, "-m", "streamlit_persistauth", "secret"],
        capture_output=True,
        text=True,
        check=True,
        cwd=clean_machine,
        timeout=60,
    )
    assert find_weakness(finished.stdout.strip()) is None
    assert finished.stderr == ""


def test_find_example() -> None:
    """The example that `demo` serves is found."""
    assert find_example().is_file()


def test_demo_on_a_taken_port(clean_machine: Path) -> None:
    """The demo refuses a taken port, before it prints an address or creates anything."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        done = CliRunner().invoke(main, ["demo", "--address", "127.0.0.1", "--port", str(port)])
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.startswith(f"persistauth: demo: 127.0.0.1:{port} cannot be served: ")
    assert len(done.stderr.splitlines()) == 1
    assert list(clean_machine.iterdir()) == []


@pytest.mark.parametrize(
    "options", [["--port", "99999"], ["--port", "0"], ["--address", "nowhere.invalid"]]
)
def test_demo_at_an_invalid_address(clean_machine: Path, options: list[str]) -> None:
    """An address that cannot be served exits with status 2, without a traceback."""
    done = CliRunner().invoke(main, ["demo", *options])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert list(clean_machine.iterdir()) == []


def test_demo_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's account can sign in, is an admin, and is a new one each time."""
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")
    from streamlit_persistauth.wiring.services import AppConfig, services_for

    user, password = make_account("sqlite:///demo.db")
    email = user.email
    owner = services_for(AppConfig("sqlite:///demo.db")).accounts.authenticate(email, password)
    assert owner.user.roles == ("admin",)
    assert len(password) >= 20
    other, another = make_account("sqlite:///demo.db")
    assert (other.email, another) != (email, password)


def test_demo_team(clean_machine: Path) -> None:
    """The demo's database is filled once, with a team and a plausible month of events."""
    fill_if_new("sqlite:///demo.db")
    fill_if_new("sqlite:///demo.db")
    with closing(sqlite3.connect(clean_machine / "demo.db")) as connection:

        def count(statement: str) -> int:
            return int(connection.execute(statement).fetchone()[0])

        assert count("SELECT count(*) FROM users") == len(NAMES)
        assert count("SELECT count(*) FROM users WHERE is_active") == len(NAMES) - 1
        assert 300 < count("SELECT count(*) FROM auth_events WHERE event_type = 'login'") < 900
        assert count("SELECT count(*) FROM auth_events WHERE created_at > datetime('now')") == 0
        assert count("SELECT count(*) FROM auth_tokens") > len(NAMES) / 2
        assert count("SELECT count(*) FROM auth_tokens WHERE last_used_at < created_at") == 0
