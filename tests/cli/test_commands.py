import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, inspect

from streamlit_persistauth.cli import main
from streamlit_persistauth.cli.demo import fill_if_new, find_example, make_account
from streamlit_persistauth.cli.demo_data import NAMES
from streamlit_persistauth.core.sessions.key_strength import find_weakness

pytestmark = pytest.mark.usefixtures("clean_machine")


def run(*arguments: str) -> Result:
    """Run a command in this process."""
    return CliRunner().invoke(main, arguments, prog_name="persistauth")


def tables(path: Path) -> set[str]:
    """The tables in an SQLite file."""
    engine = create_engine(f"sqlite:///{path}")
    names = set(inspect(engine).get_table_names())
    engine.dispose()
    return names


def test_secret() -> None:
    """`secret` prints one good key and nothing else, another one each time."""
    first, second = run("secret"), run("secret")
    assert first.exit_code == 0
    (key,) = first.output.splitlines()
    assert find_weakness(key) is None
    assert second.output != first.output


def test_init_db(clean_machine: Path) -> None:
    """`init-db` makes the tables of the database it is given."""
    result = run("init-db", "--database", "sqlite:///app.db")
    assert (result.exit_code, result.output) == (0, "The tables are there.\n")
    expected = {"users", "auth_tokens", "auth_throttle", "auth_events", "auth_schema"}
    assert tables(clean_machine / "app.db") == expected


def test_init_db_again() -> None:
    """`init-db` on a database that has the tables is no error."""
    assert run("init-db").exit_code == 0
    assert run("init-db").exit_code == 0


def test_init_db_by_setting(monkeypatch: pytest.MonkeyPatch, clean_machine: Path) -> None:
    """Without an option the setting names the database; the option wins."""
    monkeypatch.setenv("PERSISTAUTH_DATABASE_URL", "sqlite:///by-setting.db")
    assert run("init-db").exit_code == 0
    assert run("init-db", "--database", "sqlite:///by-option.db").exit_code == 0
    assert (clean_machine / "by-setting.db").exists()
    assert (clean_machine / "by-option.db").exists()


def told(result: Result, status: int) -> str:
    """Hold that a command ends with a status and one line, and return it."""
    assert result.exit_code == status
    (line,) = result.stderr.splitlines()
    assert result.stdout == ""
    return line


@pytest.mark.parametrize(
    "url", ["nonsense", "unknown://user:canary@host/db", "postgresql+psycopg2://user:canary@host/x"]
)
def test_misconfigured(url: str) -> None:
    """A wrong configuration is status 2 and one line."""
    line = told(run("init-db", "--database", url), 2)
    assert line.startswith("persistauth: PERSISTAUTH_DATABASE_URL: ")
    assert "canary" not in line


def test_weak_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """A weak key is status 2 and names the remedy."""
    monkeypatch.setenv("JWT_SECRET_KEY", "canary")
    line = told(run("init-db"), 2)
    assert "persistauth secret" in line
    assert "canary" not in line


def test_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that does not open is status 1 and one line without internal text."""
    monkeypatch.setenv("JWT_SECRET_KEY", run("secret").output.strip())
    line = told(run("init-db", "--database", "sqlite:///missing/app.db"), 1)
    assert line.startswith("persistauth: ")
    assert "sqlite3" not in line


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["init-db", "--nonsense"], ["init-db", "x"], ["--nonsense"]]
)
def test_wrong_usage(arguments: list[str]) -> None:
    """Wrong usage is status 2 and says how it goes."""
    result = run(*arguments)
    assert result.exit_code == 2
    assert "Usage: persistauth" in result.stderr


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_help(option: str) -> None:
    """The help names every command in a line."""
    result = run(option)
    assert result.exit_code == 0
    for command in ("demo", "init-db", "secret"):
        assert f"  {command} " in result.output
        assert run(command, option).exit_code == 0


def test_schema() -> None:
    """The printed statements create the tables; an unknown dialect is a wrong usage."""
    printed = run("schema", "--dialect", "mariadb")
    assert printed.exit_code == 0
    assert "COLLATE utf8mb4_nopad_bin" in printed.output
    assert run("schema").output.startswith("CREATE TABLE users (")
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(run("schema").output)
    assert run("schema", "--dialect", "oracle").exit_code == 2


def test_version() -> None:
    """The version is the package's own."""
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


def test_example_is_there() -> None:
    """The example that `demo` serves is found."""
    assert find_example().is_file()


def test_demo_on_a_taken_port(clean_machine: Path) -> None:
    """The demo on a port that another program has says so, and announces and makes nothing."""
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
def test_demo_at_an_address_that_is_none(clean_machine: Path, options: list[str]) -> None:
    """The demo at an address that cannot be served ends with status 2, without a traceback."""
    done = CliRunner().invoke(main, ["demo", *options])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr
    assert list(clean_machine.iterdir()) == []


def test_demo_account(monkeypatch: pytest.MonkeyPatch) -> None:
    """The demo's account signs in, is an admin, and is another one each time."""
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")
    from streamlit_persistauth.wiring.services import AppConfig, services_for

    email, password = make_account("sqlite:///demo.db")
    owner = services_for(AppConfig("sqlite:///demo.db")).accounts.authenticate(email, password)
    assert owner.user.roles == ("admin",)
    assert len(password) >= 20
    assert make_account("sqlite:///demo.db") != (email, password)


def test_demo_team(clean_machine: Path) -> None:
    """The demo's database has a team with a believable month, once; nobody knows its passwords."""
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
