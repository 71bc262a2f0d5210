"""Correct apps have no findings."""

import re
from pathlib import Path

import pytest
from tests.doctor.conftest import faults

from streamlit_persistauth.doctor.examination import examine

ROOT = Path(__file__).parents[2]
EXAMPLES = ["quickstart.py", "dashboard/app.py", "replicas/app.py"]
BLOCKS = re.findall(
    r"^```python\n(.*?)^```",
    (ROOT / "README.md").read_text(encoding="utf-8"),
    re.MULTILINE | re.DOTALL,
)
DECORATED = next(block for block in BLOCKS if "require_login" in block)
LAST_LINES = next(block for block in BLOCKS if "st.App" in block)
README = {
    "shortest": next(block for block in BLOCKS if "guard()" in block),
    "decorated": DECORATED,
    "served": DECORATED.removesuffix("main()\n") + LAST_LINES,
}


@pytest.mark.parametrize("name", EXAMPLES)
@pytest.mark.usefixtures("deployment")
def test_examples(name: str) -> None:
    """The examples of the project have no errors or warnings."""
    found = examine(ROOT / "examples" / name)
    assert faults({finding.code: finding for finding in found}) == []


@pytest.mark.parametrize("source", README.values(), ids=README)
def test_readme(deployment: Path, source: str) -> None:
    """The apps of the README have no errors or warnings; a plain app has a note."""
    path = deployment / "app.py"
    path.write_text(source, encoding="utf-8")
    found = {finding.code: finding for finding in examine(path)}
    assert faults(found) == []
    assert ("cookie-plain" in found) == ("st.App" not in source)
