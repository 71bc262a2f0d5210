"""The store of docs/how-to/own-users.md passes the suite, as the page says."""

import sys
from collections.abc import Iterator
from types import ModuleType

import pytest
from tests.support.examples import blocks
from tests.support.user_service import serve

from streamlit_persistauth.errors import StoreError

FILES = {
    block.file: block.code for block in blocks("python") if block.page == "docs/how-to/own-users.md"
}


def load(name: str) -> ModuleType:
    """Import a file of the page."""
    module = sys.modules[name] = ModuleType(name)
    exec(compile(FILES[f"{name}.py"], f"<{name}.py>", "exec"), module.__dict__)  # noqa: S102 - our own page
    return module


directory = load("directory")
TestDirectory = load("test_directory").TestDirectory


@pytest.fixture
def empty_service() -> Iterator[str]:
    """The URL of a service without accounts."""
    with serve() as url:
        yield url


def test_directory_that_is_gone() -> None:
    """A service that does not answer raises StoreError."""
    with pytest.raises(StoreError):
        directory.RESTUserStore("http://127.0.0.1:1", "token").is_empty()
