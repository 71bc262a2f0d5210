"""A run that is overtaken by another one while it reads the current user."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from tests.raw.conftest import Cases, serve
from tests.support.account import ADA
from tests.support.raw import Page, RawClient, opened, rerun

URL_TOKEN = re.compile(rb'"name": ?"persistauth", ?"text": ?"([\w-]{43})"')


@pytest.fixture(params=["plain", "served"])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cases]:
    """An app that keeps a single-use token in its address."""
    yield from serve(request.param, tmp_path, TEST_CACHES="query_param")


def url_token(app: Cases) -> str:
    """Sign in, and return the token for the address of the page."""
    with opened(app.url) as client:
        client.run()
        (found,) = URL_TOKEN.findall(client.sign_in(ADA.email, ADA.password).raw)
        return str(found.decode())


def begin(client: RawClient, query: str) -> None:
    """Request a run, and wait until it has begun."""
    client.send(rerun(query, page_hash=client.page_hash))
    client.wait_for("new_session")


def test_handle_is_spent_meanwhile(app: Cases) -> None:
    """A page that is opened with a token in its address never shows the sign-in form.

    Its browser asks for another run while the first one spends the handle, which takes a while
    here, because somebody else writes.
    """
    query, seen = f"persistauth={url_token(app)}", Page()
    with closing(sqlite3.connect(app.server.database.path)) as other, opened(app.url) as client:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(2):
            begin(client, query)
        with suppress(TimeoutError):
            seen = client.wait(seconds=1)
        other.rollback()
        while "Log out" not in seen.buttons:
            assert "Sign in" not in seen.buttons
            seen = client.wait()
