"""A FastAPI program beside an app, both behind nginx."""

import http.client
import json
import os
import re
import ssl
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tests.support.account import ADA, BOB, Account
from tests.support.nginx import Nginx
from tests.support.process import Process, listens
from tests.support.raw import RawClient
from tests.support.server import HOST, OURS, ROOT, AppServer, free_port

BROWSER = "persistauth_browser=a-browser"
LOCATION = """
        location /api/ {{
            proxy_pass http://127.0.0.1:{port};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $http_connection;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
"""


@dataclass(frozen=True)
class Front:
    """An app and a FastAPI program behind one address.

    Attributes:
        url: The address.
        app: The server of the app.
    """

    url: str
    app: AppServer

    def ask(self, path: str, cookie: str = "", *, method: str = "GET", **headers: str) -> int:
        """Send a request as a page of the same origin does; return the status."""
        return self.answer(path, cookie, method=method, **headers)[0]

    def answer(
        self, path: str, cookie: str = "", *, method: str = "GET", body: str = "", **headers: str
    ) -> tuple[int, bytes, str]:
        """Send a request; return status, body and cookie of the response."""
        address = urlsplit(self.url)
        sent = {"Origin": self.url.rstrip("/"), "Cookie": cookie}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        connection = _connect(address.netloc, tls=address.scheme == "https")
        try:
            connection.request(method, path, body or None, sent)
            response = connection.getresponse()
            cookies = response.headers["set-cookie"] or ""
            return response.status, response.read(), cookies.partition(";")[0]
        finally:
            connection.close()

    def handed_off(self, client: RawClient) -> str:
        """Exchange the code of a page for the cookie, as its browser does."""
        found = re.search(rb'"code": ?"([^"]+)"', client.page.raw)
        assert found
        body = json.dumps({"code": found[1].decode()})
        kind = {"Content-Type": "application/json"}
        path = "/persistauth/handoff"
        status, _, cookie = self.answer(path, BROWSER, method="POST", body=body, **kind)
        assert status == 200
        return cookie

    def cookie(self, person: Account, prefix: str = "") -> str:
        """Begin a sign-in; return the cookie."""
        return f"{prefix}persistauth={person.credential(self.app.settings)}"


def _connect(netloc: str, *, tls: bool) -> http.client.HTTPConnection:
    if not tls:
        return http.client.HTTPConnection(netloc, timeout=20)
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return http.client.HTTPSConnection(netloc, timeout=20, context=context)


def serve(home: Path, *, tls: bool, **settings: str) -> Iterator[Front]:
    """Serve an app, the program beside it, and nginx before both."""
    app = AppServer(ROOT / "tests" / "apps" / "served.py", home, settings)
    ADA.register(app.settings)
    BOB.register(app.settings)
    app.start()
    beside, port = home / "beside", free_port()
    beside.mkdir()
    outside = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    program = Process(
        [sys.executable, "-m", "uvicorn", "tests.apps.beside:app", "--port", str(port)],
        home=beside,
        answers=lambda: listens(HOST, port),
        environment={**outside, **app.settings, "PYTHONPATH": str(ROOT)},
    )
    proxy = Nginx(home / "nginx", app.port, tls=tls, extra=LOCATION.format(port=port))
    proxy.start()
    yield Front(proxy.url, app)
    proxy.stop()
    program.stop()
    app.stop()
