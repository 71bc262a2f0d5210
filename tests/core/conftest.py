"""The stores of the core tests: in memory, or as `--store` selects."""

from collections.abc import Callable, Iterator

import pytest
from tests.support.store_kinds import KINDS, Kind, used


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On another store, run only the tests that use a store and do not choose their own."""
    if config.getoption("--store") == "memory":
        return
    chosen = [item for item in items if _is_about_stores(item)]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def _is_about_stores(item: pytest.Item) -> bool:
    assert isinstance(item, pytest.Function)
    fixtures = item.fixturenames
    return "url" not in fixtures and ("core" in fixtures or hasattr(item.module, "CoreApp"))


@pytest.fixture(scope="session")
def empty_stores(request: pytest.FixtureRequest) -> Iterator[Callable[[], Kind]]:
    """Empties the stores and returns them."""
    yield from KINDS[request.config.getoption("--store")](request)


@pytest.fixture(autouse=True)
def current_stores(empty_stores: Callable[[], Kind]) -> Iterator[None]:
    """Build the apps of this test on empty stores."""
    with used(empty_stores()):
        yield
