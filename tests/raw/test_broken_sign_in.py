"""A connection that is lost while the password is being checked."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.raw.conftest import Cases, serve
from tests.support.account import ADA
from tests.support.raw import SECONDS, RawClient, opened

BROWSER = {"plain": "_streamlit_xsrf=2|0123|4567|1", "served": "persistauth_browser=a-browser"}
GIVEN = {"plain": b'"writeCookie"', "served": b"/persistauth/handoff"}
ROWS = "SELECT token_type, count(*) FROM auth_tokens GROUP BY token_type ORDER BY token_type"


@pytest.fixture(params=["plain", "served"])
def slow(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cases]:
    """An app that checks passwords for a while."""
    yield from serve(f"cases_{request.param}", tmp_path, PERSISTAUTH_BCRYPT_ROUNDS="12")


def press_and_break_off(slow: Cases) -> str:
    """Press "Sign in" and lose the connection; return the Streamlit session."""
    with opened(slow.url, cookie=BROWSER[slow.mode]) as client:
        page = client.run("case=decorated")
        client.fill("Email", ADA.email).fill("Password", ADA.password)
        client.send(client.pressed(page.buttons["Sign in"]))
        while b"spinner" not in client.page.raw:  # from then on nothing breaks the check off
            client.wait_for("delta")
        return client.session_id


def until_signed_in(client: RawClient) -> bytes:
    """Run the page until it is the user's; return what that run has sent."""
    deadline = time.monotonic() + SECONDS
    while "secret of the house" not in client.run("case=decorated").texts:
        assert time.monotonic() < deadline
    return client.page.raw


def test_same_browser(slow: Cases) -> None:
    """The page that comes back is signed in, and its browser gets the credential then."""
    session_id = press_and_break_off(slow)
    with opened(slow.url, cookie=BROWSER[slow.mode], session_id=session_id) as client:
        assert GIVEN[slow.mode] in until_signed_in(client)
    expected = [("session", 1)] if slow.mode == "plain" else [("handoff", 1), ("session", 1)]
    assert slow.server.database.rows(ROWS) == expected


def test_another_browser(slow: Cases) -> None:
    """Another browser that presents the Streamlit session gets nothing and changes nothing."""
    session_id = press_and_break_off(slow)
    other = "_streamlit_xsrf=2|9|9|1; persistauth_browser=another"
    with opened(slow.url, cookie=other, session_id=session_id) as thief:
        assert GIVEN[slow.mode] not in thief.run("case=decorated").raw
    with opened(slow.url, cookie=BROWSER[slow.mode], session_id=session_id) as client:
        assert GIVEN[slow.mode] in until_signed_in(client)
