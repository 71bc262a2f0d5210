"""The Python, SQL, settings and configurations of README and docs work."""

import logging
import re
import runpy
import shlex
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import click
import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.routing import Route
from streamlit.runtime.secrets import Secrets
from tests.support.asgi import request
from tests.support.certificate import make_certificate
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.examples import (
    PAGES,
    Block,
    blocks,
    is_app,
    register,
    run_signed_in,
    write_files,
)
from tests.support.nginx import nginx_program
from tests.support.page import Page
from tests.support.server import ROOT
from tests.support.servers import empty_url
from tests.support.user_service import serve

from streamlit_persistauth import Authenticator
from streamlit_persistauth.cli import main
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.text.languages import catalogue
from streamlit_persistauth.settings import AuthSettings, environment_name
from streamlit_persistauth.stores.sql.database import Database
from streamlit_persistauth.stores.sql.engines import open_engine
from streamlit_persistauth.views.login_form import kept_for
from streamlit_persistauth.wiring.services import AppConfig, services_for

PYTHON = blocks("python")
FILES = [block for block in PYTHON if block.file]
SNIPPETS = {
    page: [block for block in group if not block.file]
    for page, group in groupby(PYTHON, key=lambda block: block.page)
}
MEMBERS = (
    "CREATE TABLE members (member_id VARCHAR(36) PRIMARY KEY, login VARCHAR(254) UNIQUE NOT NULL,"
    " pwhash VARCHAR(255) NOT NULL, name TEXT, enabled BOOLEAN, stamp TEXT, shoe_size INTEGER)"
)
STAND_INS: dict[str, dict[str, Any]] = {
    "docs/how-to/database.md": {
        "context": SimpleNamespace(configure=lambda **_options: None),
        "connection": None,
        "target_metadata": None,
        "models": SimpleNamespace(metadata=None),
    }
}
"""What the snippets of a page find around them: the reader's own, such as Alembic's."""
QUOTED = re.compile(r'"([A-Z][^"\n]*)"')
NOT_OURS = {
    "Clear cache",
    "Rejecting WebSocket connection",
    "You can now view your Streamlit app",
    "Stays",
    "Yours",
    "Refused",
}
"""What a page quotes of Streamlit, or of itself."""
GUARDED = re.compile(r"\.guard\(|auth\.navigation\(|\.auto_login\(\):|def main\(user")
"""What an app has that lets nobody in: in these, the first page is the sign-in page."""
CODE = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"(?:`|^|bin/|sh )persistauth ([a-z-][^`\n]*)", re.MULTILINE)
SETTING = re.compile(r"\b(?:PERSISTAUTH|JWT|REFRESH_TOKEN|TOKEN_EXPIRY)_[A-Z_]*[A-Z]\b")


@pytest.fixture
def folder(clean_machine: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder for the files of a page, with what our pages refer to."""
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")
    monkeypatch.setenv("APP_DATABASE_URL", "sqlite:///app.db")
    monkeypatch.setenv("DIRECTORY_TOKEN", "token")
    monkeypatch.syspath_prepend(clean_machine)
    with closing(sqlite3.connect("app.db")) as connection:
        connection.execute(MEMBERS)
    before = set(sys.modules)
    with serve() as url:
        monkeypatch.setenv("DIRECTORY_URL", url)
        yield clean_machine
    for name in set(sys.modules) - before:
        if str(clean_machine) in str(getattr(sys.modules[name], "__file__", "")):
            del sys.modules[name]


@pytest.mark.parametrize("block", FILES, ids=str)
def test_file(block: Block, folder: Path) -> None:
    """A file can be imported; in an app the first visitor can register, and sees the page."""
    neighbours = [other for other in FILES if other.page == block.page]
    write_files(neighbours, block, folder)
    path = folder / str(block.file)
    if not is_app(block, neighbours):
        runpy.run_path(str(path))
        return
    page = Page.of_file(path)
    assert page.exceptions == page.errors == []
    if GUARDED.search(block.code):
        register(page)
    assert page.exceptions == page.errors == []
    assert "Sign in" not in page.buttons
    if "st.App(" in block.code:
        assert isinstance(runpy.run_path(str(path))["app"], st.App)


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("page", sorted(page for page, found in SNIPPETS.items() if found))
def test_snippets(page: str) -> None:
    """Other blocks run in order on a page with an administrator signed in."""
    services_for(AppConfig()).accounts.register(EMAIL, PASSWORD, full_name="Ada", roles=("admin",))
    names = dict(STAND_INS.get(page, {}))
    for block in SNIPPETS[page]:
        assert run_signed_in(block.code, names).exceptions == [], str(block)


def statements(code: str) -> list[str]:
    """Return the statements of a block, without its comments."""
    bare = re.sub(r"--.*", "", code)
    return [statement for statement in bare.split(";") if statement.strip()]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_sql(kind: str, request: pytest.FixtureRequest) -> None:
    """Each statement works on every database, or on the one that its first line names."""
    database = Database(open_engine(empty_url(kind, request)))
    database.create_tables()
    with database.engine.begin() as connection:
        for block in blocks("sql"):
            only = re.match(r"-- (\w+)\n", block.code)
            if only is None or only[1] == kind:
                for statement in statements(block.code):
                    connection.exec_driver_sql(statement)
    database.engine.dispose()


@pytest.mark.parametrize("block", blocks("toml"), ids=str)
def test_secrets(block: Block, clean_machine: Path) -> None:
    """Settings are read from the secrets file that a page shows."""
    path = clean_machine / ".streamlit" / "secrets.toml"
    path.parent.mkdir()
    path.write_text(block.code, encoding="utf-8")
    shown = Secrets()["persistauth"]
    read = AuthSettings(secrets=shown)
    assert {name.removeprefix("persistauth_") for name in shown} <= read.model_fields_set


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_settings(page: Path) -> None:
    """Every setting that a page names exists."""
    known = set(map(environment_name, AuthSettings.model_fields))
    assert set(SETTING.findall(page.read_text(encoding="utf-8"))) <= known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands(page: Path) -> None:
    """Every command that a page names exists, with the options that the page shows."""
    for line in COMMAND.findall(page.read_text(encoding="utf-8")):
        command: click.Command = main
        words = shlex.split(line, comments=True)
        while words and isinstance(command, click.Group) and words[0] in command.commands:
            command = command.commands[words.pop(0)]
        assert command is not main or words[0].startswith("--"), line
        known = {name for option in command.params for name in option.opts} | {"--help"}
        assert {word.partition("=")[0] for word in words if word[:2] == "--"} <= known, line


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_quoted_texts(page: Path) -> None:
    """Each text in quotes is, or begins, a text of the library."""
    prose = re.sub(r"`[^`\n]+`", "", CODE.sub("", page.read_text(encoding="utf-8")))
    kept = [kept_for(Lifetime(timedelta(hours=hours))) for hours in (24, 720)]
    ours = [*catalogue("de"), "The app has not started", *kept]
    quoted = set(QUOTED.findall(prose)) - NOT_OURS
    assert [text for text in quoted if not any(one.startswith(text) for one in ours)] == []


def test_replaced_texts() -> None:
    """Each text that an example replaces is a text of the library."""
    replaced = {
        text
        for block in PYTHON
        if "labels=" in block.code
        for text in re.findall(r'"([^"]+)": "', block.code)
    }
    assert replaced
    assert replaced <= catalogue("de").keys()


def table_rows(page: str) -> list[list[str]]:
    """Return the cells of each table row of a reference page that begins with code."""
    lines = (ROOT / "docs" / "reference" / page).read_text(encoding="utf-8").splitlines()
    return [line.strip("| ").split(" | ") for line in lines if line.startswith("| `")]


def test_events(caplog: pytest.LogCaptureFixture) -> None:
    """The page lists every event, each with the level at which it is logged."""
    caplog.set_level(logging.DEBUG, "streamlit_persistauth")
    events = services_for(AppConfig("sqlite://")).events
    for kind in EventType:
        events.record(kind)
    logged = {record.getMessage().split()[0]: record.levelname for record in caplog.records}
    listed = {
        name: cells[-1].upper()
        for cells in table_rows("events.md")
        if len(cells) == len(("event", "when", "level"))
        for name in re.findall(r"`(\w+)`", cells[0])
    }
    assert listed == logged


def test_reasons() -> None:
    """The page lists every reason for which a credential of a browser is refused."""
    modules = (ROOT / "src" / "streamlit_persistauth").rglob("*.py")
    source = "".join(path.read_text(encoding="utf-8") for path in modules)
    raised = set(re.findall(r'InvalidToken\("([^"]+)"', source))
    listed = {
        reason
        for cells in table_rows("events.md")
        if len(cells) == len(("reason", "the credential"))
        for reason in re.findall(r"`([^`]+)`", cells[0])
    } - {"reason"}
    of_routes = {"not remembered", *(reason for reason in raised if "handoff" in reason)}
    assert raised - of_routes <= listed
    assert [reason for reason in listed if f'"{reason}"' not in source] == []


@pytest.mark.usefixtures("clean_machine")
def test_routes() -> None:
    """The page lists every route with the methods that it takes."""
    listed = {cells[0].strip("`"): cells[1] for cells in table_rows("routes.md") if "/" in cells[0]}
    app = Starlette(routes=Authenticator("sqlite://").routes())
    paths = {route.path for route in app.routes if isinstance(route, Route)}
    allowed = {path: ", ".join(request(app, "DELETE", path).all("allow")) for path in paths}
    assert listed == allowed


def test_imported_names() -> None:
    """Every name that a page imports from the package is part of the public reference."""
    pages = [ROOT / "docs" / "reference" / name for name in ("api.md", "errors.md", "protocols.md")]
    reference = "\n".join(page.read_text(encoding="utf-8") for page in pages)
    imports = re.compile(r"^from (streamlit_persistauth[\w.]*) import (.+)$", re.MULTILINE)
    for block in PYTHON:
        for module, names in imports.findall(block.code):
            for name in names.split(","):
                imported = name.partition(" as ")[0].strip()
                assert f"`{module}`" in reference, str(block)
                assert f"`{imported}`" in reference or f"### {imported}\n" in reference, str(block)


@pytest.mark.parametrize("block", blocks("nginx"), ids=str)
def test_nginx(block: Block, tmp_path: Path) -> None:
    """The configurations of the pages are accepted by nginx."""
    certificate, key = make_certificate(tmp_path)
    code = re.sub(r"(ssl_certificate) [^;]+;", rf"\1 {certificate};", block.code)
    code = re.sub(r"(ssl_certificate_key) [^;]+;", rf"\1 {key};", code)
    whole = f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off;\n{code}}}"
    (tmp_path / "nginx.conf").write_text(whole, encoding="utf-8")
    command = [nginx_program(), "-t", "-q", "-p", str(tmp_path), "-c", "nginx.conf"]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (finished.returncode, finished.stderr) == (0, "")
