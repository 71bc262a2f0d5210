"""nginx in front of an app, as it stands in front of a real one."""

import os
import shutil
from pathlib import Path

import pytest
from tests.support.certificate import make_certificate
from tests.support.process import Process, listens
from tests.support.server import free_port

CONFIGURATION = """
daemon off;
pid nginx.pid;
error_log error.log;
worker_processes 1;
events {{}}
http {{
    access_log access.log;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server {{
        listen {address}:{port}{tls};
        {certificate}
        {extra}
        location / {{
            proxy_pass http://127.0.0.1:{app};
            proxy_http_version 1.1;
            proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection "upgrade";
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header X-Forwarded-Proto $scheme;
        }}
    }}
}}
"""


class Nginx:
    """A proxy on a free port, with its files in a folder of its own."""

    def __init__(
        self, home: Path, app_port: int, *, address: str = "127.0.0.1", tls: bool, extra: str = ""
    ) -> None:
        """Prepare a proxy.

        Args:
            home: Where its files go.
            app_port: Where the app listens, on 127.0.0.1.
            address: Where the proxy listens: `127.0.0.1` or `[::1]`.
            tls: Whether it ends TLS, with a certificate of its own making.
            extra: More for its `server`; `{app}` stands for the app's port.
        """
        self._home = home
        self._address = address
        self._port = free_port()
        self._process: Process | None = None
        self.url = f"{'https' if tls else 'http'}://{address}:{self._port}/"
        home.mkdir()
        if tls:
            make_certificate(home)
        certificate = "ssl_certificate cert.pem; ssl_certificate_key key.pem;" if tls else ""
        text = CONFIGURATION.format(
            address=address,
            port=self._port,
            tls=" ssl" if tls else "",
            certificate=certificate,
            app=app_port,
            extra=extra.replace("{app}", str(app_port)),
        )
        (home / "nginx.conf").write_text(text, encoding="utf-8")

    def start(self) -> None:
        """Start it and wait until it listens.

        Raises:
            RuntimeError: It ended, or does not listen.
        """
        command = [nginx_program(), "-p", f"{self._home}/", "-c", "nginx.conf", "-e", "error.log"]
        host = self._address.strip("[]")
        self._process = Process(command, home=self._home, answers=lambda: listens(host, self._port))

    def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.stop()
            self._process = None


def nginx_program() -> str:
    """Return where nginx is; without it there is nothing to test, unless it has to be there."""
    program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
    if program is None:
        missing = "nginx is missing: apt-get install nginx-light"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(missing, pytrace=False)
        pytest.skip(missing)
    return program
