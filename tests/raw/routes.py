"""Requests to our routes on a real server, as a page sends them."""

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.raw.conftest import Cases
from tests.support.server import HOST

CHANGE = "/persistauth/browser"
BROWSER = "persistauth_browser=a-browser"


@dataclass(frozen=True)
class Reply:
    """The response of the server."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(cases: Cases, method: str, path: str, body: object = b"", **headers: str | None) -> Reply:
    """Send a request as our page would, except for some headers; None omits one."""
    honest: dict[str, str | None] = {
        "Origin": cases.url.rstrip("/"),
        "Content-Type": "application/json",
        "Cookie": BROWSER,
    }
    changed = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = {name: value for name, value in (honest | changed).items() if value is not None}
    connection = http.client.HTTPConnection(HOST, cases.server.port, timeout=20)
    try:
        connection.request(method, path, body, sent)  # type: ignore[arg-type]
        response = connection.getresponse()
        return Reply(response.status, dict(response.getheaders()), response.read())
    finally:
        connection.close()


def changed(cases: Cases, page: bytes, cookie: str) -> str:
    """Present the last ticket of a page as its browser does; return the browser's new cookie.

    In a plain app the browser keeps the cookie that it has.
    """
    if cases.mode == "plain":
        return cookie
    *_, ticket = re.findall(rb'"ticket": ?"([^"]+)"', page)
    reply = ask(cases, "POST", CHANGE, json.dumps({"ticket": ticket.decode()}), Cookie=cookie)
    assert reply.status == 200
    value = reply.headers["set-cookie"].partition(";")[0]
    assert value != cookie
    return value
