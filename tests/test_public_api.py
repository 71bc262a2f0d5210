"""A change of what apps import is seen in review: tests/api.txt changes with it."""

import runpy
from pathlib import Path

from tests.support.server import ROOT

RECORD = Path(__file__).with_name("api.txt")


def test_recorded() -> None:
    """Every public name and signature is recorded; `make api` records them anew."""
    listing = runpy.run_path(str(ROOT / "tools" / "public_api.py"))["listing"]
    assert listing() == RECORD.read_text(encoding="utf-8").splitlines()
