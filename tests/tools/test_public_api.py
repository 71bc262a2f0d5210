"""A change of the public API is seen in review, because tests/api.txt changes with it."""

import runpy

from tests.support.server import ROOT

RECORD = ROOT / "tests" / "api.txt"


def test_recorded() -> None:
    """Every public name and signature is recorded; `make api` updates the record."""
    listing = runpy.run_path(str(ROOT / "tools" / "public_api.py"))["listing"]
    assert listing() == RECORD.read_text(encoding="utf-8").splitlines()
