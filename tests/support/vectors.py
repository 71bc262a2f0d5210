"""Published test vectors, which are not copied into the project."""

import json
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[3] / "shared" / "vectors"


def load(name: str) -> Any:  # noqa: ANN401 - JSON
    """Return a file of vectors, or skip the test where it is absent."""
    return json.loads(read(name))


def read(name: str) -> str:
    """Return the text of a file of vectors, or skip the test where it is absent."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"published test vectors are not here: {path}")
    return path.read_text(encoding="utf-8", errors="replace")
