"""An app whose database stops answering while many users click."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import make_url
from tests.raw.conftest import Cases, serve
from tests.support.account import ADA
from tests.support.raw import RawClient, opened, rerun
from tests.support.server import HOST, AppServer
from tests.support.silence import SlowProxy
from tests.support.sqlserver import MariaDB, PostgreSQL, SQLServer

CLIENTS = 34
DEADLINE = 2
"""PERSISTAUTH_STORE_TIMEOUT_SECONDS of the app."""
MARGIN = 12
"""Seconds in which a busy machine runs the pages of all clients."""
UNAVAILABLE = "Sign-in is unavailable right now. Please try again later."
SECRET = "secret of the house"


@dataclass(frozen=True)
class Hanging:
    """An app, and the server of its database."""

    app: AppServer
    database: SQLServer
    line: SlowProxy | None

    @contextmanager
    def interrupted(self) -> Iterator[None]:
        """Stop the server of the database, or have a round trip take five seconds."""
        if self.line is None:
            with self.database.paused():
                yield
        else:
            self.line.seconds = 2.5
            yield
            self.line.seconds = 0

    def get(self, path: str) -> int:
        """Send a request; return the status of the response."""
        connection = http.client.HTTPConnection(HOST, self.app.port, timeout=20)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            return response.status
        finally:
            connection.close()

    def wait_for(self, status: int) -> None:
        """Wait until the health check responds with a status."""
        deadline = monotonic() + 20
        while self.get("/persistauth/health") != status:
            assert monotonic() < deadline

    def threads(self) -> int:
        """Return how many threads the app has."""
        assert self.app._process
        status = Path(f"/proc/{self.app._process.pid}/status").read_text(encoding="ascii")
        (line,) = [line for line in status.splitlines() if line.startswith("Threads:")]
        return int(line.split()[1])


CASES = [
    pytest.param((PostgreSQL, False), id="PostgreSQL"),
    pytest.param((MariaDB, False), id="MariaDB", marks=pytest.mark.slow),
    pytest.param((PostgreSQL, True), id="slow line", marks=pytest.mark.slow),
]


@pytest.fixture(params=CASES)
def hanging(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Hanging]:
    """An app on a database server that a test may stop, or on a line that may be slow."""
    kind, has_line = request.param
    with ExitStack() as stack:
        database = SQLServer(kind())
        stack.callback(database.stop)
        url, line = make_url(database.empty_database()), None
        if has_line:
            line = SlowProxy(url.port or 0)
            stack.callback(line.close)
            url = url.set(port=line.port)
        settings = {
            "PERSISTAUTH_DATABASE_URL": url.render_as_string(hide_password=False),
            "PERSISTAUTH_STORE_TIMEOUT_SECONDS": str(DEADLINE),
        }
        made = serve("cases_served", tmp_path, **settings)
        cases: Cases = next(made)
        stack.callback(next, made, None)
        yield Hanging(cases.server, database, line)


def texts(client: RawClient) -> list[str]:
    """Wait for the run that a client has asked for; return what it shows."""
    return client.wait().texts


def test_clicks_while_the_database_hangs(hanging: Hanging) -> None:
    """Pages show one sentence in time, other requests are served, and all recovers by itself."""
    cookie = f"persistauth={ADA.credential(hanging.app.settings)}"
    with ExitStack() as stack, ThreadPoolExecutor(CLIENTS) as pool:
        clients = [
            stack.enter_context(opened(hanging.app.url, cookie=cookie)) for _ in range(CLIENTS)
        ]
        for client in clients:
            assert SECRET in client.run("case=decorated").texts
        before = hanging.threads()
        with hanging.interrupted():
            began = monotonic()
            for client in clients:
                client.send(rerun("case=decorated", page_hash=client.page_hash))
            shown = [pool.submit(texts, client) for client in clients]
            while not all(page.done() for page in shown):
                asked = monotonic()
                assert hanging.get("/") == 200
                assert hanging.get("/_stcore/health") == 200
                assert monotonic() - asked < 3 * DEADLINE
            assert monotonic() - began < DEADLINE + MARGIN
            for page in shown:
                assert UNAVAILABLE in page.result()
                assert SECRET not in page.result()
            hanging.wait_for(503)
            assert hanging.threads() - before < CLIENTS
        hanging.wait_for(200)
        for client in clients:
            assert SECRET in client.run("case=decorated").texts
    began_at = [line for line in hanging.app.log.splitlines() if ": unavailable since" in line]
    ended_at = [line for line in hanging.app.log.splitlines() if ": available again" in line]
    assert len(began_at) == len(ended_at) == 1
    assert "OperationalError" not in hanging.app.log.replace(began_at[0], "")
    assert "Traceback" not in hanging.app.log
