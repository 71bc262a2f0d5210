"""Fixtures of all tests that need no browser."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.clock import MovableClock
from tests.support.hashing import BcryptCalls
from tests.support.house import House
from tests.support.kinds import KINDS
from tests.support.postman import Postman
from tests.support.servers import mariadb, postgresql, redis, replicas

__all__ = ["mariadb", "postgresql", "redis", "replicas"]

OURS = ("PERSISTAUTH_", "JWT_", "TOKEN_EXPIRY", "DEBUG_AUTH")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests of the core run on another store: `pytest tests/core --store postgresql`."""
    parser.addoption(
        "--store", choices=sorted(KINDS), default="memory", help="where tests/core keeps its rows"
    )


@pytest.fixture
def clock() -> MovableClock:
    """A clock that a test moves."""
    return MovableClock()


@pytest.fixture
def postman() -> Postman:
    """Who sends the mail."""
    return Postman()


@pytest.fixture
def house() -> House:
    """The core with memory stores."""
    return House()


@pytest.fixture
def bcrypt_calls(monkeypatch: pytest.MonkeyPatch) -> BcryptCalls:
    """A count of what bcrypt is asked to do from now on."""
    return BcryptCalls(monkeypatch)


@pytest.fixture
def clean_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An empty working directory, none of our variables set, no app known to this process."""
    from streamlit_persistauth import parts

    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    parts._made.clear()
    yield tmp_path
    for made in parts._made.values():
        made.database.engine.dispose()
    parts._made.clear()
