"""PostgreSQL and MariaDB from the system's packages, with temporary data."""

import os
import pwd
import shutil
import subprocess
from contextlib import AbstractContextManager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError
from tests.support.process import Process
from tests.support.server import HOST, free_port

from streamlit_persistauth.core.secrets import new_id


class Package(Protocol):
    """A package of the system, and the account that its server runs as."""

    name: str
    package: str
    account: str


class Kind(Package, Protocol):
    """What differs between the kinds of servers."""

    def prepare(self, data: Path) -> list[str]:
        """Return the command that makes an empty data folder."""
        ...

    def serve(self, data: Path, port: int) -> list[str]:
        """Return the command that serves it."""
        ...

    def url(self, port: int) -> str:
        """Return the URL of a database; without a name, of the server's own."""
        ...


class PostgreSQL:
    """PostgreSQL, which refuses to run as root."""

    name = "PostgreSQL"
    package = "postgresql"
    account = "postgres"

    def prepare(self, data: Path) -> list[str]:
        options = ["--auth=trust", "--encoding=UTF8", "--locale=C", "--username=test", "--no-sync"]
        return [find_program("initdb", self), "-D", str(data), *options]

    def serve(self, data: Path, port: int) -> list[str]:
        settings = {
            "listen_addresses": HOST,
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": "200",
        }
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        return [find_program("postgres", self), "-D", str(data), "-p", str(port), *options]

    def url(self, port: int) -> str:
        return f"postgresql+psycopg://test@{HOST}:{port}/postgres"


class MariaDB:
    """MariaDB."""

    name = "MariaDB"
    package = "mariadb-server"
    account = "mysql"

    def prepare(self, data: Path) -> list[str]:
        command = [find_program("mariadb-install-db", self), "--no-defaults", f"--datadir={data}"]
        return [*command, "--auth-root-authentication-method=normal", "--skip-test-db"]

    def serve(self, data: Path, port: int) -> list[str]:
        return [
            find_program("mariadbd", self),
            "--no-defaults",
            f"--datadir={data}",
            f"--tmpdir={data}",
            f"--port={port}",
            f"--bind-address={HOST}",
            f"--socket={data / 'socket'}",
            "--innodb-flush-log-at-trx-commit=2",
            "--max-connections=200",
        ]

    def url(self, port: int) -> str:
        return f"mysql+pymysql://root@{HOST}:{port}/?charset=utf8mb4"


class SQLDatabases:
    """A running server, which makes empty databases for tests."""

    def __init__(self, url: str) -> None:
        """Reach the server by a URL of an account that may create databases."""
        self._url = make_url(url)
        self._admin: Engine = create_engine(url, isolation_level="AUTOCOMMIT", pool_pre_ping=True)
        self._made: list[str] = []

    def empty_database(self) -> str:
        """Return the URL of a new database."""
        name = f"test_{new_id()}"
        with self._admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        self._made.append(name)
        return self._url.set(database=name).render_as_string(hide_password=False)

    def execute(self, statement: str) -> None:
        """Run a statement of an administrator."""
        with self._admin.connect() as connection:
            connection.exec_driver_sql(statement)

    def read(self, query: str) -> object:
        """Return the first value of a query of an administrator."""
        with self._admin.connect() as connection:
            return connection.exec_driver_sql(query).scalar()

    def stop(self) -> None:
        """Drop the databases."""
        force = " WITH (FORCE)" if self._admin.dialect.name == "postgresql" else ""
        with self._admin.connect() as connection:
            for name in self._made:
                connection.execute(text(f"DROP DATABASE {name}{force}"))
        self._admin.dispose()


class SQLServer(SQLDatabases):
    """A server started by the tests, which they can kill."""

    def __init__(self, kind: Kind) -> None:
        """Make an empty data folder and serve it."""
        self._kind = kind
        # Not below pytest's own folder, which no other account may enter.
        self._folder = TemporaryDirectory(prefix="persistauth-")
        self._home = Path(self._folder.name)
        self.port = free_port()
        super().__init__(kind.url(self.port))
        self._data = self._home / "data"
        self._home.chmod(0o755)
        open_to(kind.account, self._data)
        subprocess.run(
            as_account(kind.account, kind.prepare(self._data)),
            check=True,
            capture_output=True,
            cwd=self._data,
            env={**os.environ, "TMPDIR": str(self._data)},  # two at once clash in a shared one
        )
        self._process = self._start()

    def kill(self) -> None:
        """Kill the server, as a power cut does."""
        self._process.kill()

    def paused(self) -> AbstractContextManager[None]:
        """Stop the server for a while, so that it accepts connections and answers nothing."""
        return self._process.paused()

    def start(self) -> None:
        """Start it again with its data."""
        self._process = self._start()

    def restart_after_power_cut(self) -> None:
        """Kill the server, as a power cut does, and start it again."""
        self.kill()
        self.start()

    def stop(self) -> None:
        """End the server."""
        self._admin.dispose()
        self._process.stop()
        self._folder.cleanup()

    def _start(self) -> Process:
        command = as_account(self._kind.account, self._kind.serve(self._data, self.port))
        return Process(command, home=self._home, answers=self._answers)

    def _answers(self) -> bool:
        try:
            self._admin.connect().close()
        except OperationalError:
            return False
        return True


def find_program(name: str, kind: Package) -> str:
    """Return the path of a program; without it skip the test, or fail in CI."""
    folders = [*sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True), "/usr/sbin"]
    path = os.pathsep.join([*map(str, folders), os.environ.get("PATH", "")])
    program = shutil.which(name, path=path)
    if program is None:
        missing = f"{kind.name} is missing: apt-get install {kind.package}"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    return program


def open_to(account: str, data: Path) -> None:
    """Make a folder that a system account may write to."""
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        owner = pwd.getpwnam(account)
        os.chown(data, owner.pw_uid, owner.pw_gid)


def as_account(account: str, command: list[str]) -> list[str]:
    """Return a command that runs without root's rights."""
    if os.geteuid() != 0:
        return command
    return ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups", *command]
