"""The pages are plain Markdown, and name files and tests that exist."""

import re
from pathlib import Path

import pytest
from tests.support.examples import PAGES
from tests.support.server import ROOT

SOURCE = ROOT / "src" / "streamlit_persistauth"
FENCED = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
SITE_ONLY = re.compile(
    r"^(?:!!!|\?\?\?|===|:::) ?.*|--8<--|\{ ?[#.:][\w-]+.*?\}|#only-(?:dark|light)|markdown=",
    re.MULTILINE,
)
"""Admonitions, tabs, mkdocstrings, snippets and attributes, which GitHub shows as text."""
PATH = re.compile(r"`([a-z_/]+/[\w/]+\.(?:py|js|lua))`")
TEST = re.compile(r"`(test_\w+)::(\w+)`")


def prose(page: Path) -> str:
    """Return a page without its code blocks."""
    return FENCED.sub("", page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_plain_markdown(page: Path) -> None:
    """No page has syntax that the site alone understands."""
    text = re.sub(r"`[^`\n]+`", "", prose(page))
    assert SITE_ONLY.findall(text) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_named_files(page: Path) -> None:
    """Each file that a page names by its path exists, in the project or in the package."""
    named = set(PATH.findall(prose(page)))
    assert [
        path for path in sorted(named) if not ((ROOT / path).exists() or (SOURCE / path).exists())
    ] == []


def test_named_tests() -> None:
    """Each test that the page on security names exists; whether it ran is checked elsewhere."""
    known = set()
    for path in [*(ROOT / "tests").rglob("test_*.py"), *(SOURCE / "testing").glob("*.py")]:
        names = re.findall(
            r"^ *(?:async )?def (test_\w+)|^(?:class )?(Test\w+)",
            path.read_text(encoding="utf-8"),
            re.MULTILINE,
        )
        module = path.stem if path.is_relative_to(ROOT / "tests") else "test_conformance"
        known |= {(module, name) for pair in names for name in pair if name}
    page = ROOT / "docs" / "explanation" / "security.md"
    assert set(TEST.findall(page.read_text(encoding="utf-8"))) - known == set()
