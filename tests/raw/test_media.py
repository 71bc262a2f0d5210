"""The downloads of a page, requested by address."""

import re
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from tests.raw.conftest import Cases, serve, signed_in
from tests.raw.routes import changed
from tests.support.raw import opened

BROWSER = "persistauth_browser=a-browser"


@pytest.fixture
def protected(tmp_path: Path) -> Iterator[Cases]:
    """The app with protected files."""
    yield from serve("cases_served", tmp_path, PERSISTAUTH_PROTECT_FILES="on")


def fetch(cases: Cases, path: str, cookie: str = "") -> tuple[int, bytes]:
    """Request a path over HTTP."""
    connection = HTTPConnection("127.0.0.1", cases.server.port, timeout=20)
    connection.request("GET", path, headers={"Cookie": cookie})
    response = connection.getresponse()
    answer = response.status, response.read()
    connection.close()
    return answer


def address_in(page: bytes) -> str:
    """Return the address of the file that a page offers."""
    found = re.search(rb"/media/[0-9a-f]+\.\w+", page)
    assert found is not None
    return found[0].decode()


def test_protected(protected: Cases) -> None:
    """The signed-in browser gets the file; another client that has its address does not."""
    with opened(protected.url, cookie=BROWSER) as client:
        path = address_in(signed_in(client, "case=download").page.raw)
        assert fetch(protected, path, BROWSER) == (200, b"secret of the house")
        assert fetch(protected, path)[0] == 403
        assert fetch(protected, path, "persistauth_browser=another")[0] == 403
        protected.end_all()
        client.wait(5)
        assert fetch(protected, path, BROWSER)[0] in {403, 404}
    assert fetch(protected, "/_stcore/health")[0] == 200


def test_former_user(protected: Cases) -> None:
    """A former user of a shared browser who kept its cookie gets no file of the next user."""
    with opened(protected.url, cookie=BROWSER) as client:
        page = signed_in(client, "case=download").page
        path, value = address_in(page.raw), changed(protected, page.raw, BROWSER)
        assert fetch(protected, path, value) == (200, b"secret of the house")
        assert fetch(protected, path, BROWSER)[0] == 403


def test_without_protection(served: Cases) -> None:
    """Without the setting every client that has the address gets the file."""
    with opened(served.url, cookie=BROWSER) as client:
        path = address_in(signed_in(client, "case=download").page.raw)
        assert fetch(served, path) == (200, b"secret of the house")
