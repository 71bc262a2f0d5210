"""The files of examples/docker agree with each other, and the app in them can be served."""

import http.client
import os
import re
import shutil
import ssl
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from tests.support.nginx import nginx_program
from tests.support.process import Process, listens
from tests.support.server import HOST, ROOT, free_port
from tests.support.sqlserver import SQLDatabases

from streamlit_persistauth.core.sessions.key_strength import find_weakness
from streamlit_persistauth.settings import AuthSettings, environment_name

SOURCE = ROOT / "examples" / "docker"
NGINX = """
daemon off;
pid nginx.pid;
error_log stderr;
events {{}}
http {{
    access_log off;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    {server}
}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the folder, after its `setup.sh`."""
    copy = tmp_path / "docker"
    shutil.copytree(SOURCE, copy, ignore=shutil.ignore_patterns("secrets", "certs"))
    subprocess.run(["/bin/sh", "setup.sh"], cwd=copy, check=True, capture_output=True)
    return copy


def secret(folder: Path, name: str) -> str:
    """Return what a secret file holds."""
    return (folder / "secrets" / name).read_text(encoding="ascii")


def test_setup(folder: Path) -> None:
    """The secrets are strong, readable by their owner only, and never overwritten."""
    assert find_weakness(secret(folder, "JWT_SECRET_KEY")) is None
    assert secret(folder, "POSTGRES_PASSWORD") in secret(folder, "PERSISTAUTH_DATABASE_URL")
    assert (folder / "secrets").stat().st_mode & 0o077 == 0
    before = {path.name: path.read_bytes() for path in folder.glob("*s/*")}
    subprocess.run(["/bin/sh", "setup.sh"], cwd=folder, check=True)
    assert {path.name: path.read_bytes() for path in folder.glob("*s/*")} == before


def test_compose() -> None:
    """Every file, secret, network and setting that the services name exists."""
    compose = yaml.safe_load((SOURCE / "compose.yaml").read_text(encoding="utf-8"))
    known = {*map(environment_name, AuthSettings.model_fields), "POSTGRES_USER"}
    for name, service in compose["services"].items():
        assert set(service.get("secrets", [])) <= set(compose["secrets"])
        assert set(service["networks"]) <= set(compose["networks"])
        assert set(service.get("depends_on", {})) <= set(compose["services"])
        assert {key.removesuffix("_FILE") for key in service.get("environment", {})} <= (
            known | {"POSTGRES_PASSWORD"}
        ), name
        files = [volume.split(":")[0] for volume in service.get("volumes", [])]
        assert all((SOURCE / file).exists() for file in files if "." in file.removeprefix("./"))
    proxy = compose["services"]["nginx"]["networks"]["inside"]["ipv4_address"]
    assert compose["services"]["app"]["environment"]["PERSISTAUTH_TRUSTED_PROXIES"] == f"{proxy}/32"
    script = (SOURCE / "setup.sh").read_text(encoding="utf-8")
    made = {f"secrets/{name}" for name in re.findall(r"^keep (\w+)", script, re.MULTILINE)}
    assert {item["file"] for item in compose["secrets"].values()} == made


def test_image() -> None:
    """The image copies files that exist and are in its context, and does not run as root."""
    dockerfile = (SOURCE / "Dockerfile").read_text(encoding="utf-8")
    copied = set(re.findall(r"^COPY (?!--)(\S+)", dockerfile, re.MULTILINE))
    ignored = (SOURCE / ".dockerignore").read_text(encoding="utf-8").split()
    assert copied == {line.removeprefix("!") for line in ignored[1:]}
    assert all((SOURCE / name).is_file() for name in copied)
    assert os.access(SOURCE / "entry.sh", os.X_OK)
    assert re.search(r"^USER app$", dockerfile, re.MULTILINE)
    assert dockerfile.index("USER app") < dockerfile.index("CMD [")


def test_entry_without_a_right(folder: Path) -> None:
    """A secret that can't be read stops the container."""
    path = folder / "secrets" / "JWT_SECRET_KEY"
    path.unlink()
    path.mkdir()  # what nobody can read, root included
    finished = subprocess.run(
        [str(folder / "entry.sh"), "true"],
        env={"SECRETS_FOLDER": str(folder / "secrets"), "PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=False,
    )
    assert finished.returncode != 0
    assert "JWT_SECRET_KEY" in finished.stderr


def test_served(folder: Path, postgresql: SQLDatabases) -> None:
    """The app that the entry script starts answers through nginx, over TLS."""
    url = folder / "secrets" / "PERSISTAUTH_DATABASE_URL"
    url.chmod(0o644)
    url.write_text(postgresql.empty_database(), encoding="ascii")
    app_port, port = free_port(), free_port()
    environment = {
        "SECRETS_FOLDER": str(folder / "secrets"),
        "PATH": os.environ["PATH"],
        "HOME": "/nonexistent",
        "PYTHONDONTWRITEBYTECODE": "1",
        "STREAMLIT_SERVER_HEADLESS": "true",
        "STREAMLIT_SERVER_ADDRESS": HOST,
        "STREAMLIT_SERVER_PORT": str(app_port),
        "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none",
        "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    }
    command = ["./entry.sh", sys.executable, "-m", "streamlit", "run", "app.py"]
    app = Process(
        command, home=folder, answers=lambda: listens(HOST, app_port), environment=environment
    )
    home = folder.parent / "nginx"
    home.mkdir()
    server = (folder / "nginx.conf").read_text(encoding="utf-8")
    server = server.replace("http://app:8501", f"http://{HOST}:{app_port}")
    server = server.replace("/etc/nginx/certs", str(folder / "certs"))
    server = server.replace("listen 80;", f"listen {HOST}:{free_port()};")
    server = server.replace("listen 443 ssl;", f"listen {HOST}:{port} ssl;")
    (home / "nginx.conf").write_text(NGINX.format(server=server), encoding="utf-8")
    nginx = Process(
        [nginx_program(), "-p", f"{home}/", "-c", "nginx.conf", "-e", "stderr"],
        home=home,
        answers=lambda: listens(HOST, port),
    )
    try:
        trusted = ssl.create_default_context(cafile=str(folder / "certs" / "server.crt"))
        connection = http.client.HTTPSConnection("localhost", port, context=trusted, timeout=20)
        connection.request("GET", "/", headers={"Accept": "text/html"})
        page = connection.getresponse()
        page.read()
        connection.close()
        assert page.status == http.HTTPStatus.OK
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
        (cookie,) = page.headers.get_all("Set-Cookie") or []
        assert {"Secure", "HttpOnly"} <= set(cookie.split("; "))
    finally:
        nginx.stop()
        app.stop()
