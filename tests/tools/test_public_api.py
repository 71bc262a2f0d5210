"""A change of what apps import is seen in review: tests/api.txt changes with it."""

import runpy

from tests.support.server import ROOT

RECORD = ROOT / "tests" / "api.txt"


def test_recorded() -> None:
    """Every public name and signature is recorded; `make api` records them again."""
    listing = runpy.run_path(str(ROOT / "tools" / "public_api.py"))["listing"]
    assert listing() == RECORD.read_text(encoding="utf-8").splitlines()
