"""A browser with a page of ours in it, for the caches: it does what our scripts do.

The scripts themselves run in a real browser in tests/browser.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from streamlit_persistauth.caches import bridge, query_param, script
from streamlit_persistauth.core.clock import utc_now
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.models import Client
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.handshake import STREAMLIT_COOKIE, Handshake
from streamlit_persistauth.request.visitor_state import PageTask, VisitorState
from streamlit_persistauth.web.connections import connections
from streamlit_persistauth.web.cookies import Cookies

COOKIES = Cookies("app")


@dataclass
class PageDouble:
    """What the browser keeps, and how its pages reach the app.

    Attributes:
        served: Whether our middleware is there.
        strips: Whether cookies reach the handshake.
        blocks: Whether the browser keeps neither cookies nor items.
        cookies: What it keeps, by name.
        items: The same.
        address: The query parameters of the page.
        asked: What it has been asked.
    """

    served: bool = False
    strips: bool = False
    blocks: bool = False
    cookies: dict[str, str] = field(default_factory=dict)
    items: dict[str, dict[str, Any]] = field(default_factory=dict)
    address: dict[str, str] = field(default_factory=dict)
    asked: dict[str, Any] | None = None
    _done: set[str] = field(default_factory=set)
    _answers: bool = False

    def __post_init__(self) -> None:
        """Be known again as any browser."""
        known = COOKIES.browser(secure=False) if self.served else STREAMLIT_COOKIE
        if not self.blocks:
            self.cookies[known] = "a-browser"

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Stand in for the components, and for the address of the page."""
        for module, component in (
            (script, self.run_script),
            (bridge, self.post),
            (query_param, self.write_address),
        ):
            monkeypatch.setattr(module, "page_script", _returning(component))
        monkeypatch.setattr(query_param, "st", SimpleNamespace(query_params=self.address))

    def open(self) -> RequestContext:
        self.asked, self._answers = None, False
        sent = {} if self.strips else self.cookies
        header = "; ".join(f"{name}={value}" for name, value in sent.items())
        connection = connections.open(base_path="/base") if self.served else None
        handshake = Handshake(new_id(), connection, header, secure=False, client=Client())
        return RequestContext(handshake, VisitorState(), handshake.browser(COOKIES))

    def answer(self, context: RequestContext) -> None:
        self._answers = context.visitor.question is not None

    def carry_out(self, task: PageTask) -> None:
        task.draw()

    def run_script(self, *, data: dict[str, Any], **_: object) -> SimpleNamespace:
        """Do what script.js does."""
        if "ask" in data:
            self.asked = data["ask"]
            return SimpleNamespace(answer=self._say(data) if self._answers else None)
        if data["id"] in self._done:
            return SimpleNamespace(lost=None)
        self._done.add(data["id"])
        lost = False
        if order := data.get("writeCookie"):
            lost = self.blocks
            self._write_cookie(order["name"], order["value"], order["text"])
        if order := data.get("removeCookie"):
            self.cookies.pop(re.split("=", order["text"])[0], None)
        if order := data.get("writeItem"):
            lost = self.blocks
            self.items |= {} if lost else {order["name"]: order}
        if order := data.get("removeItem"):
            self.items.pop(order["name"], None)
        return SimpleNamespace(lost=data["id"] if lost else None)

    def post(self, *, data: dict[str, Any], **_: object) -> SimpleNamespace:
        """Do what bridge.js does, and what our routes do then."""
        assert data["url"].startswith("/base/persistauth/")
        if data["id"] not in self._done:
            self._done.add(data["id"])
            if "code" in data["body"]:
                self.cookies |= {} if self.blocks else {"app": data["body"]["code"]}
            else:
                self.cookies.pop("app", None)
        return SimpleNamespace(lost=data["id"] if self.blocks and data["check"] else None)

    def write_address(self, *, data: dict[str, Any], **_: object) -> None:
        """Do what address.js does."""
        self.address.pop(data["name"], None)
        if data["text"]:
            self.address[data["name"]] = data["text"]

    def _say(self, data: dict[str, Any]) -> dict[str, Any]:
        names = data["ask"]
        item = self.items.get(names["item"], {"text": "", "until": 0})
        fresh = item["until"] / 1000 > utc_now().timestamp()
        return {
            "id": data["id"],
            "cookie": self.cookies.get(names["cookie"], ""),
            "item": item["text"] if fresh else "",
            "keepsCookies": not self.blocks,
            "keepsItems": not self.blocks,
        }

    def _write_cookie(self, name: str, value: str, text: str) -> None:
        assert text.startswith(f"{name}={value}; Path=/; Max-Age=")
        if not self.blocks:
            self.cookies[name] = value


def _returning(component: Callable[..., object]) -> Callable[[str], Callable[..., object]]:
    return lambda _: component
