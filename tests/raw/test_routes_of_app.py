"""A route of the same `st.App`, as docs/how-to/routes.md shows."""

import json
from collections.abc import Iterator

import pytest
from tests.raw.conftest import Cases, serve
from tests.raw.routes import ask
from tests.support.account import ADA

PAGE = {"Accept": "text/html", "Origin": None}


@pytest.fixture(scope="module")
def routed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    """An app with a route of its own."""
    yield from serve("routed", tmp_path_factory.mktemp("routed"))


def test_route(routed: Cases) -> None:
    """The route has the user of the page; other requests get 401, or the way to the app."""
    cookie = f"persistauth={ADA.credential(routed.server.settings)}"
    reply = ask(routed, "GET", "/api/me", Cookie=cookie)
    assert (reply.status, json.loads(reply.body)) == (200, {"email": ADA.email})
    assert ask(routed, "POST", "/api/me", Cookie=cookie).status == 200
    assert ask(routed, "POST", "/api/me", Cookie=cookie, Origin="http://evil.example").status == 403
    assert ask(routed, "GET", "/api/me", Cookie="persistauth=x").status == 401
    reply = ask(routed, "GET", "/api/me", **PAGE)
    assert (reply.status, reply.headers["location"]) == (303, "/")
    routed.server.database.execute("DELETE FROM auth_tokens")
    assert ask(routed, "GET", "/api/me", Cookie=cookie).status == 401
