"""PgBouncer from the system's package, in transaction mode."""

from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import URL, make_url
from tests.support.process import Process, listens
from tests.support.server import HOST, free_port
from tests.support.sqlserver import as_account, find_program, open_to

SERVER_CONNECTIONS = 3


class PgBouncer:
    """A pooler that gives each transaction any of a few connections to a server."""

    name = "PgBouncer"
    package = "pgbouncer"
    account = "postgres"

    def __init__(self, server: str) -> None:
        """Serve the databases of a server.

        Args:
            server: The URL of any database on it.
        """
        self._folder = TemporaryDirectory(prefix="persistauth-")
        home = Path(self._folder.name)
        home.chmod(0o755)
        settings = home / "settings"
        open_to(self.account, settings)
        self._port = free_port()
        path = settings / "pgbouncer.ini"
        path.write_text(_configuration(make_url(server), self._port), encoding="utf-8")
        path.chmod(0o644)
        command = as_account(self.account, [find_program("pgbouncer", self), str(path)])
        self._process = Process(command, home=home, answers=lambda: listens(HOST, self._port))

    def url(self, server: str) -> str:
        """Return the URL of a database through the pooler."""
        pooled = make_url(server).set(host=HOST, port=self._port)
        return pooled.render_as_string(hide_password=False)

    def stop(self) -> None:
        """End it."""
        self._process.stop()
        self._folder.cleanup()


def _configuration(server: URL, port: int) -> str:
    target = {
        "host": server.host,
        "port": server.port or 5432,
        "user": server.username,
        "password": server.password,
    }
    return f"""\
[databases]
* = {" ".join(f"{name}={value}" for name, value in target.items() if value)}
[pgbouncer]
listen_addr = {HOST}
listen_port = {port}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = {SERVER_CONNECTIONS}
max_client_conn = 200
"""
