"""What a reader finds on the first screens of the README."""

import re

from tests.support.server import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_extras() -> None:
    """Every extra is named before the first section."""
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = project.partition("[project.optional-dependencies]\n")[2].partition("\n\n")[0]
    extras = set(re.findall(r"^([\w-]+) = ", section, re.MULTILINE))
    assert {"postgres", "all"} <= extras
    beginning = README.partition("\n## ")[0]
    assert extras == set(re.findall(r"\[([\w-]+)\]`", beginning))
