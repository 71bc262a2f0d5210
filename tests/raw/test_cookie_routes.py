"""Our routes on a real server, requested by our page, another site and another browser."""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier, Thread

import pytest
from tests.raw.conftest import Cases, signed_in
from tests.raw.routes import BROWSER, CHANGE, Reply, ask, changed
from tests.support.raw import opened

HANDOFF = "/persistauth/handoff"
PATHS = [HANDOFF, "/persistauth/clear", CHANGE]
TRIES = 20


@contextmanager
def handed_over(cases: Cases) -> Iterator[str]:
    """Sign in, and yield the handoff code that the page presents."""
    with opened(cases.url, cookie=BROWSER) as client:
        found = re.search(rb'"code": ?"([^"]+)"', signed_in(client).page.raw)
        assert found
        yield found[1].decode()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "PATCH"])
def test_other_methods(served: Cases, path: str, method: str) -> None:
    """Every other method is refused by the route, and does not reach the app's page."""
    reply = ask(served, method, path, Accept="text/html")
    assert reply.status == 405
    assert reply.headers["allow"] == "POST"
    assert b"<html" not in reply.body


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": None},
        {"Origin": "http://evil.example"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Content_Type": "text/plain"},
        {"Content_Type": "application/x-www-form-urlencoded"},
    ],
    ids=repr,
)
def test_cross_site(served: Cases, headers: dict[str, str | None]) -> None:
    """A cross-site request sets no cookie; our page's own request still works."""
    with handed_over(served) as code:
        body = json.dumps({"code": code})
        reply = ask(served, "POST", HANDOFF, body, **headers)
        assert reply.status == 403
        assert "set-cookie" not in reply.headers
        assert ask(served, "POST", HANDOFF, body).status == 200


def test_body_in_chunks(served: Cases) -> None:
    """A body without a length is read up to the limit."""
    reply = ask(served, "POST", HANDOFF, (b" " * 100 for _ in range(1_000)))
    assert reply.status == 400
    assert "set-cookie" not in reply.headers


def test_second_browser(served: Cases) -> None:
    """A code is invalid in another browser, with or without a cookie of its own."""
    with handed_over(served) as code:
        body = json.dumps({"code": code})
        for cookie, status in (("persistauth_browser=another", 403), (None, 400)):
            reply = ask(served, "POST", HANDOFF, body, Cookie=cookie)
            assert reply.status == status
            assert "set-cookie" not in reply.headers


def test_race(served: Cases) -> None:
    """Of twenty requests at once with one code, one gets the cookie."""
    barrier, replies = Barrier(TRIES), list[Reply]()
    with handed_over(served) as code:
        body = json.dumps({"code": code})

        def bring() -> None:
            barrier.wait()
            replies.append(ask(served, "POST", HANDOFF, body))

        threads = [Thread(target=bring) for _ in range(TRIES)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(reply.status for reply in replies) == [200] + [403] * (TRIES - 1)
    assert sum("set-cookie" in reply.headers for reply in replies) == 1


def test_browser_changes(served: Cases) -> None:
    """At a sign-in and a sign-out the browser's cookie changes; code and page go on as before."""
    with opened(served.url, cookie=BROWSER) as client:
        page = signed_in(client, "case=leave").page
        value = changed(served, page.raw, BROWSER)
        code = re.search(rb'"code": ?"([^"]+)"', page.raw)
        assert code
        body = json.dumps({"code": code[1].decode()})
        assert ask(served, "POST", HANDOFF, body, Cookie=value).status == 200
        client.press("Leave")
        page = client.run("case=leave")
        assert "Sign in" in page.buttons
        changed(served, page.raw, value)


def test_former_value(served: Cases) -> None:
    """A page continues for a browser with the new cookie, and never for one with the old one.

    That holds from the sign-in on: before the change, and while the page is connected or not.
    """
    with opened(served.url, cookie=BROWSER) as client:
        page = signed_in(client, "case=leave").page
        session_id = client.session_id
        with opened(served.url, cookie=BROWSER, session_id=session_id) as thief:
            assert "Leave" not in thief.run("case=leave").buttons
        value = changed(served, page.raw, BROWSER)
    for cookie, is_in in ((BROWSER, False), (value, True)):
        with opened(served.url, cookie=cookie, session_id=session_id) as again:
            assert ("Leave" in again.run("case=leave").buttons) is is_in


def test_health(served: Cases) -> None:
    """Every client learns that the stores respond, and nothing more, and gets no cookie."""
    reply = ask(served, "GET", "/persistauth/health", Origin=None, Cookie=None)
    assert (reply.status, json.loads(reply.body)) == (200, {"ok": True})
    names = {name.lower(): value for name, value in reply.headers.items()}
    assert names["cache-control"] == "no-store"
    assert "set-cookie" not in names
    assert ask(served, "POST", "/persistauth/health", b"{}").status == 405
