"""The examples of docs/stores.md, as they stand there."""

import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from types import ModuleType

import pytest
import streamlit as st
from tests.support.directory import serve
from tests.support.house import EMAIL, PASSWORD
from tests.support.page import Page

from streamlit_persistauth.errors import StoreError

TEXT = (Path(__file__).parents[1] / "docs" / "stores.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^```python\n# (\w+)\.py\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL))
"""The blocks that are files, by the names in their first lines."""
MEMBERS = (
    "CREATE TABLE members (member_id VARCHAR(36) PRIMARY KEY, login VARCHAR(254) UNIQUE NOT NULL,"
    " pwhash VARCHAR(255) NOT NULL, name TEXT, enabled BOOLEAN, stamp TEXT, shoe_size INTEGER)"
)


def load(name: str) -> ModuleType:
    """Import a file of the page."""
    module = sys.modules[name] = ModuleType(name)
    exec(compile(FILES[name], f"<{name}.py>", "exec"), module.__dict__)  # noqa: S102 - our own page
    return module


load("database")
directory = load("directory")
TestDirectory = load("test_directory").TestDirectory


def run(code: str) -> None:
    """Be a page that has this code."""
    exec(code, {"__name__": "__main__"})  # noqa: S102 - our own page


@pytest.fixture
def empty_service() -> Iterator[str]:
    """The URL of a service without accounts."""
    with serve() as url:
        yield url


@pytest.mark.usefixtures("clean_machine")
@pytest.mark.parametrize("name", sorted(name for name in FILES if name.startswith("app_")))
def test_app(name: str, empty_service: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each app lets its first visitor register, and in."""
    monkeypatch.setenv("PERSISTAUTH_BCRYPT_ROUNDS", "4")
    monkeypatch.setenv("APP_DATABASE_URL", "sqlite:///app.db")
    monkeypatch.setenv("DIRECTORY_URL", empty_service)
    monkeypatch.setenv("DIRECTORY_TOKEN", "token")
    with closing(sqlite3.connect("app.db")) as connection:
        connection.execute(MEMBERS)
    st.cache_resource.clear()
    page = Page(run, code=FILES[name]).press("Create an account")
    page.fill(Full_name="Ada", Email=EMAIL, Password=PASSWORD, Confirm_password=PASSWORD)
    page.press("Create account")
    assert page.exceptions == []
    assert [title.value for title in page.test.title] == ["Welcome, Ada"]


def test_directory_that_is_gone() -> None:
    """A service that does not answer is a StoreError and nothing else."""
    with pytest.raises(StoreError):
        directory.RESTUserStore("http://127.0.0.1:1", "token").is_empty()
