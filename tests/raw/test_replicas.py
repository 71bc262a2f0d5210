"""Two servers with one database: a sign-out on one applies to the other."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.raw.conftest import Cases, signed_in
from tests.support.raw import opened
from tests.support.server import ROOT, AppServer

SECONDS = 5
"""The documented limit for the tabs of another server."""


@pytest.fixture
def replica(served_app: Cases, tmp_path: Path) -> Iterator[AppServer]:
    """A second server of the same app."""
    app = ROOT / "tests" / "apps" / "cases_served.py"
    server = AppServer(app, tmp_path, served_app.server.settings)
    server.start()
    yield server
    server.stop()


def test_idle_page_of_another_server(served: Cases, replica: AppServer) -> None:
    """Signing out everywhere on one server turns an idle page of the other."""
    with opened(served.url) as one, opened(replica.url) as other:
        signed_in(other, "case=undecorated")
        signed_in(one, "case=leave").press("Leave everywhere")
        page = other.wait(SECONDS)
        assert "Sign in" in page.buttons
        assert b"of the house" not in page.raw
