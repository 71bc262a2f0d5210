"""Where the tests of the core keep their rows: in memory, or where `--store` says."""

from collections.abc import Callable, Iterator

import pytest
from tests.support.kinds import KINDS, Kind, used


@pytest.fixture(scope="session")
def empty_stores(request: pytest.FixtureRequest) -> Iterator[Callable[[], Kind]]:
    """Empties the stores, and returns them."""
    yield from KINDS[request.config.getoption("--store")](request)


@pytest.fixture(autouse=True)
def current_stores(empty_stores: Callable[[], Kind]) -> Iterator[None]:
    """Build the houses of this test on empty stores."""
    with used(empty_stores()):
        yield
