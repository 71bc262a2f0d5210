"""Fixtures for all tests."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.clock import MovableClock
from tests.support.core_app import CoreApp
from tests.support.fake_mailer import FakeMailer
from tests.support.hashing import BcryptCalls
from tests.support.page import kept_main
from tests.support.servers import mariadb, postgresql, redis, replicas
from tests.support.store_kinds import KINDS

__all__ = ["mariadb", "postgresql", "redis", "replicas"]

OURS = ("PERSISTAUTH_", "JWT_", "TOKEN_EXPIRY", "DEBUG_AUTH")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let the tests of the core run on another store: `pytest tests/core --store postgresql`."""
    parser.addoption(
        "--store", choices=sorted(KINDS), default="memory", help="where tests/core keeps its rows"
    )


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """The main module, which stays the same for child processes after a run of `AppTest`."""
    with kept_main():
        yield


@pytest.fixture
def clock() -> MovableClock:
    """A clock that a test moves."""
    return MovableClock()


@pytest.fixture
def mailer() -> FakeMailer:
    """A mailer that keeps what is sent."""
    return FakeMailer()


@pytest.fixture
def core() -> CoreApp:
    """The core with memory stores."""
    return CoreApp()


@pytest.fixture
def bcrypt_calls(monkeypatch: pytest.MonkeyPatch) -> BcryptCalls:
    """A count of the hashes that bcrypt computes from now on."""
    return BcryptCalls(monkeypatch)


@pytest.fixture
def clean_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """An empty working directory, without our variables and without cached services."""
    from streamlit_persistauth.wiring import services

    for name in [name for name in os.environ if name.startswith(OURS)]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    services._made.clear()
    yield tmp_path
    for made in services._made.values():
        made.database.engine.dispose()
    services._made.clear()
