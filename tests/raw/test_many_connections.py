"""Connections that were opened and closed leave nothing in the process."""

import json
import os
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest
from tests.raw.conftest import Cases, serve, signed_in
from tests.support.raw import opened

CONNECTIONS = int(os.environ.get("TEST_CONNECTIONS", "200"))
SIGNED_IN = 10
RESIDENT_KIB = 20_000
"""Of the memory that the process has from the system, which is not all given back."""
KEPT = ("owners", "watched", "resident", "threads", "locks")
"""Not compared as they are: see the tests."""


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """An app that counts what it holds, whose Streamlit sessions go with their connections."""
    settings = {"STREAMLIT_SERVER_DISCONNECTED_SESSION_TTL": "0"}
    yield from serve("counted_served", tmp_path_factory.mktemp("counted"), **settings)


def sizes(cases: Cases) -> dict[str, int]:
    """Return what the server's process holds."""
    connection = HTTPConnection(urlsplit(cases.url).netloc)
    connection.request("GET", "/sizes")
    found: dict[str, int] = json.loads(connection.getresponse().read())
    connection.close()
    return found


def settled(cases: Cases, before: dict[str, int]) -> dict[str, int]:
    """Return the sizes once they are what they were, or after half a minute anyway."""
    end = time.monotonic() + 30
    while True:
        found = sizes(cases)
        is_settled = all(found[name] <= before[name] for name in before if name not in KEPT)
        if is_settled or time.monotonic() > end:
            return found


def visit(cases: Cases, number: int) -> None:
    """Open and close connections: visitors, and a few users."""
    for _ in range(number):
        with opened(cases.url) as client:
            client.run("case=undecorated")
    for _ in range(SIGNED_IN):
        with opened(cases.url) as client:
            signed_in(client, "case=undecorated")


@pytest.mark.slow
def test_nothing_is_left(counted: Cases) -> None:
    """After many connections were closed, the process holds what it held before."""
    visit(counted, 30)
    before = sizes(counted)
    visit(counted, CONNECTIONS)
    after = settled(counted, before)
    for name in before.keys() - set(KEPT):
        assert after[name] <= before[name], (name, before, after)
    # Of each user's page, for a day and 10,000 at most (web/owners.py).
    assert after["owners"] <= before["owners"] + SIGNED_IN
    assert after["watched"] <= SIGNED_IN  # those of the last look, until the next one
    # The pools of threads grow up to their limits, whatever the number of connections.
    assert after["threads"] <= before["threads"] + 40
    assert after["locks"] <= before["locks"] + 100
    assert after["resident"] <= before["resident"] + RESIDENT_KIB
