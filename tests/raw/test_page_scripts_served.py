"""The files of the page scripts, requested by address."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.raw.conftest import Cases, serve, signed_in
from tests.raw.routes import BROWSER, ask
from tests.support.raw import opened

import streamlit_persistauth

ASSETS = Path(streamlit_persistauth.__path__[0]) / "assets"
FOLDER = "/_stcore/bidi-components/streamlit-persistauth."


@pytest.fixture
def below_a_path(tmp_path: Path) -> Iterator[Cases]:
    """The app below a path, with protected files."""
    settings = {"PERSISTAUTH_PROTECT_FILES": "on", "STREAMLIT_SERVER_BASE_URL_PATH": "team"}
    yield from serve("cases_served", tmp_path, **settings)


def test_addresses(cases: Cases) -> None:
    """A page gets the addresses of its scripts, which the server answers, and not their text."""
    with opened(cases.url, cookie=BROWSER) as client:
        page = signed_in(client).page.raw
    names = {name.decode() for name in re.findall(rb"streamlit-persistauth\.(\w+)", page)}
    assert names
    assert b"export default" not in page
    assert "inline" not in cases.server.log
    for name in names:
        reply = ask(cases, "GET", f"{FOLDER}{name}/{name}.js", Cookie=None)
        assert (reply.status, reply.body) == (200, (ASSETS / f"{name}.js").read_bytes())
        assert "javascript" in reply.headers["content-type"]


def test_protected_files(below_a_path: Cases) -> None:
    """Signed-out browsers get the scripts although files are protected: the form needs them."""
    for script in ASSETS.iterdir():
        path = f"/team{FOLDER}{script.stem}/{script.name}"
        assert ask(below_a_path, "GET", path, Cookie=None).status == 200
    assert ask(below_a_path, "GET", f"/team{FOLDER}focus/../pyproject.toml").status >= 400
