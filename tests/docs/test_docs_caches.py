"""The cache of docs/explanation/caches.md, as it stands there."""

from typing import Any

from tests.support.examples import blocks
from tests.support.page_double import PageDouble

(OWN,) = [block.code for block in blocks("python") if "class NowhereCache" in block.code]


def test_own() -> None:
    """A custom cache needs four methods, and may keep nothing."""
    made: dict[str, Any] = {}
    exec(OWN, made)  # noqa: S102 - it stands in our own page
    cache, context = made["NowhereCache"](), PageDouble().open()
    assert not cache.capabilities(context).persistent
    assert cache.read(context) == ()
    assert cache.keep(object(), context) is cache.forget(context) is None
