"""The generated parts of docs/reference are what the code says."""

from importlib import import_module

import pytest
from tests.support.server import ROOT


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Each page with a generated part, as `make reference` would write it now."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    pages = import_module("reference").rendered()
    return {path.name: text for path, text in pages.items()}


def test_current(rendered: dict[str, str]) -> None:
    """Every page is current; `make reference` writes them again."""
    folder = ROOT / "docs" / "reference"
    assert {name: (folder / name).read_text(encoding="utf-8") for name in rendered} == rendered
    assert set(rendered) == {
        *("api.md", "errors.md", "protocols.md", "settings.md", "tables.md", "users.md"),
    }


def test_every_public_name(rendered: dict[str, str]) -> None:
    """Every name that an app imports from the package is on a page of the reference."""
    public = import_module("streamlit_persistauth").__all__
    text = rendered["api.md"] + rendered["errors.md"]
    assert [name for name in public if name not in text] == []
