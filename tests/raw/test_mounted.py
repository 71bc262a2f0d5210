"""An `st.App` that is mounted in another ASGI framework, as docs/how-to/fastapi.md shows."""

import http.client
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.raw.conftest import signed_in
from tests.support.account import ADA
from tests.support.raw import opened
from tests.support.server import HOST, ROOT, AppServer

MODULE = "tests.apps.mounted"
BROWSER = "persistauth_browser=a-browser"


class MountedServer(AppServer):
    """Serves a module with uvicorn, which mounts the app below `/app`."""

    def __init__(self, home: Path) -> None:
        """Prepare a server."""
        super().__init__(ROOT / f"{MODULE.replace('.', '/')}.py", home, {})
        self.path = "/app"
        self.url += "app"

    def _command(self) -> list[str]:
        return [sys.executable, "-m", "uvicorn", f"{MODULE}:app", "--port", str(self.port)]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MountedServer]:
    """The mounted app, with one account."""
    server = MountedServer(tmp_path)
    ADA.register(server.settings)
    server.start()
    yield server
    server.stop()


def test_sign_in_is_kept(server: MountedServer) -> None:
    """The page posts its code below the mount, and a new connection is signed in by the cookie."""
    with opened(server.url, cookie=BROWSER) as client:
        page = signed_in(client).page.raw
    found = re.search(rb'"code": ?"([^"]+)"', page)
    assert found
    assert b'"/app/persistauth/handoff"' in page
    connection = http.client.HTTPConnection(HOST, server.port, timeout=20)
    headers = {"Origin": f"http://{HOST}:{server.port}", "Content-Type": "application/json"}
    body = json.dumps({"code": found[1].decode()})
    path = "/app/persistauth/handoff"
    connection.request("POST", path, body, headers | {"Cookie": BROWSER})
    response = connection.getresponse()
    assert response.status == 200
    credential = response.headers["set-cookie"].partition(";")[0]
    connection.close()
    with opened(server.url, cookie=f"{BROWSER}; {credential}") as client:
        assert not client.run("case=decorated").fields
    with opened(server.url, cookie=BROWSER) as client:
        assert set(client.run("case=decorated").fields) == {"Email", "Password"}
