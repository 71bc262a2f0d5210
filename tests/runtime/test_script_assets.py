"""The page scripts are packaged files, or sent inline where Streamlit does not find them."""

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import streamlit_persistauth
from streamlit_persistauth.runtime import page_scripts

PACKAGE = Path(streamlit_persistauth.__path__[0])
ASSETS = PACKAGE / "assets"


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """No component is known, and nothing has been logged yet."""
    page_scripts._make.cache_clear()
    page_scripts._report_inline.cache_clear()
    yield
    page_scripts._make.cache_clear()


@pytest.fixture
def unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package is vendored or in a zip file, where Streamlit does not find it."""
    monkeypatch.setattr(page_scripts, "PROJECT", "not-installed")


def page() -> None:
    """Draw two of our scripts."""
    from streamlit_persistauth.runtime.page_scripts import run_script

    run_script("focus", {"id": "1"}, key="one")
    run_script("script", {"id": "2"}, ["lost"], key="two")


def components(app: AppTest) -> list[Any]:
    """Return the messages that draw our scripts."""
    return [element.proto for element in app.get("bidi_component")]


def logged(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what we have logged as a warning or worse."""
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "streamlit_persistauth" and record.levelname != "INFO"
    ]


def test_manifest() -> None:
    """Each script is a component in our `pyproject.toml`, which serves nothing but scripts."""
    manifest = (PACKAGE / "pyproject.toml").read_text(encoding="utf-8")
    assert f'name = "{page_scripts.PROJECT}"' in manifest
    listed = re.findall(r'^name = "(\w+)"\nasset_dir = "assets"$', manifest, re.MULTILINE)
    assert listed == sorted(path.stem for path in ASSETS.iterdir())
    assert {path.suffix for path in ASSETS.iterdir()} == {".js"}
    assert manifest.count("[[tool.streamlit.component.components]]") == len(listed) > 1


@pytest.mark.runner
def test_files_in_several_app_tests(caplog: pytest.LogCaptureFixture) -> None:
    """Every `AppTest` of a process gets the addresses of the scripts, and not their text."""
    for _ in range(3):
        focus, script = components(AppTest.from_function(page).run())
        assert (focus.component_name, focus.js_source_path) == (
            "streamlit-persistauth.focus",
            "focus.js",
        )
        assert script.js_source_path == "script.js"
        assert not focus.js_content
    assert logged(caplog) == []


@pytest.mark.usefixtures("unknown")
def test_inline(caplog: pytest.LogCaptureFixture) -> None:
    """Where Streamlit does not find the package, scripts are inline, and one line is logged."""
    for _ in range(2):
        app = AppTest.from_function(page).run()
        assert not app.exception
        focus, script = components(app)
        assert focus.js_content == (ASSETS / "focus.js").read_text(encoding="utf-8")
        assert script.js_content == (ASSETS / "script.js").read_text(encoding="utf-8")
    (line,) = logged(caplog)
    assert "blob:" in line


@pytest.mark.usefixtures("unknown")
def test_without_runtime(caplog: pytest.LogCaptureFixture) -> None:
    """A script that is run by Python alone logs nothing of it: there is no page."""
    page_scripts._make("focus", None)
    assert logged(caplog) == []


@pytest.mark.parametrize("file", ["focus.js", "focus-0a1b2c3d.js"])
def test_hash_in_the_name(file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a wheel the name of a script has a hash of its content; both names are found."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / file).write_text("wanted")
    (tmp_path / "assets" / "focus_ring.js").write_text("another")
    monkeypatch.setattr(resources, "files", lambda _: tmp_path)
    assert page_scripts._source(page_scripts._files("focus")) == "wanted"
