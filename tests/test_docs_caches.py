"""The examples of docs/caches.md, as they stand there."""

import re
from pathlib import Path
from typing import Any

from tests.support.pagedouble import PageDouble

TEXT = (Path(__file__).parents[1] / "docs" / "caches.md").read_text(encoding="utf-8")
CHAIN, OWN = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


def run(block: str) -> dict[str, Any]:
    """Run an example; return what it has made."""
    made: dict[str, Any] = {}
    exec(block, made)  # noqa: S102 - it stands in our own page
    return made


def test_chain(clean_machine: Path) -> None:
    """An app takes a list."""
    assert run(CHAIN)["auth"].user is None


def test_own() -> None:
    """A cache of one's own needs four methods, and may keep nothing."""
    cache, caller = run(OWN)["NowhereCache"](), PageDouble().open()
    assert not cache.promise(caller).persistent
    assert cache.read(caller) == ()
    assert cache.keep(object(), caller) is cache.forget(caller) is None
