"""The site's search leads from the words of newcomers to a page."""

import runpy
from pathlib import Path

import pytest
from tests.support.examples import PAGES
from tests.support.server import ROOT

SEARCH = runpy.run_path(str(ROOT / "tools" / "check_search.py"))


def headings(page: Path) -> list[str]:
    """Return the title and the headings of a page, as the site's search has them."""
    lines = page.read_text(encoding="utf-8").splitlines()
    return [line.lstrip("# ") for line in lines if line.startswith("#")]


@pytest.mark.parametrize("query", SEARCH["QUERIES"])
def test_found(query: str) -> None:
    """A title or heading has all words of the query."""
    docs = [page for page in PAGES if page.is_relative_to(ROOT / "docs")]
    found = [text for page in docs for text in headings(page) if SEARCH["has_words"](text, query)]
    assert found, query


@pytest.mark.parametrize(
    ("title", "query", "found"),
    [
        ("Use it with FastAPI", "FastAPI", True),
        ("Session timeout: how long a sign-in lasts", "session timeout", True),
        ("Strict parsing before PyJWT", "JWT", False),
        ("Streamlit sessions", "session timeout", False),
    ],
)
def test_words(title: str, query: str, found: bool) -> None:  # noqa: FBT001
    """Whole words are compared, in any case."""
    assert SEARCH["has_words"](title, query) is found
