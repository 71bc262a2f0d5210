"""The check of words finds them in prose and not in code."""

import runpy
from typing import TYPE_CHECKING

import pytest
from tests.support.server import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator

PROSE = runpy.run_path(str(ROOT / "tools" / "prose.py"))


def lines(text: str, suffix: str = ".md") -> list[int]:
    """Return the lines with a complaint."""
    found: Iterator[tuple[int, str]] = PROSE["complaints"](text, suffix)
    return sorted(line for line, _ in found)


@pytest.mark.parametrize(
    "text",
    [
        "Whoever signs in",
        "a page for who is signed in",
        "The script runs anew.",
        "lest it is lost",
        "which thereby ends",
        "a link that is none",
        "a timer is no use of the session",
        "any value, be it empty",
        "what is\nnone",
    ],
)
def test_found(text: str) -> None:
    """Each word is found with its line, also across a line break."""
    assert lines(f"First line.\n{text}.") == [2]
    assert lines(f'"""First line.\n{text}.\n"""', ".py") == [2]


@pytest.mark.parametrize(
    "text",
    ["a person for whom it is", "if x is None", "may be iterated", "the least", "renew", "unrest"],
)
def test_left_alone(text: str) -> None:
    """Similar words are left alone."""
    assert lines(text) == []


def test_code() -> None:
    """Code in Markdown is left out, and the lines after it keep their numbers."""
    assert lines("`whoever` and\n\n```python\nwhoever = 1\n```\n\nwhoever") == [7]
