"""A browser with a page of ours in it, for the caches: it does what our scripts do.

The scripts themselves run in a real browser in tests/browser.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit_cookies_controller import cookie_controller

from streamlit_persistauth.caches import cookies_controller, query_param, script, script_task
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
        """Replace the scripts in the page, and its address."""
        for module in (script, script_task, query_param):
            monkeypatch.setattr(module, "run_script", self.run_script)
        monkeypatch.setattr(query_param, "st", SimpleNamespace(query_params=self.address))
        controlled = SimpleNamespace(fragment=lambda draw, **_: draw, session_state={})
        for module in (cookies_controller, cookie_controller):
            monkeypatch.setattr(module, "st", controlled)
        monkeypatch.setattr(cookie_controller, "_cookie_controller", self._show_frame)

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

    def run_script(
        self, name: str, data: dict[str, Any], triggers: Sequence[str] = (), *, key: str
    ) -> dict[str, Any]:
        """Do what one of our scripts does."""
        assert key
        run = {
            "script": self._keep,
            "bridge": self._post,
            "address": self._write_address,
        }[name]
        sent = run(data)
        assert set(sent) <= set(triggers)
        return dict.fromkeys(triggers) | sent

    def _keep(self, data: dict[str, Any]) -> dict[str, Any]:
        """Do what script.js does."""
        if "ask" in data:
            self.asked = data["ask"]
            return {"answer": self._say(data)} if self._answers else {}
        if data["id"] in self._done:
            return {}
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
        return {"lost": data["id"]} if lost else {}

    def _post(self, data: dict[str, Any]) -> dict[str, Any]:
        """Do what bridge.js does, and what our routes do then."""
        assert data["url"].startswith("/base/persistauth/")
        if data["id"] not in self._done:
            self._done.add(data["id"])
            if "code" in data["body"]:
                self.cookies |= {} if self.blocks else {"app": data["body"]["code"]}
            else:
                self.cookies.pop("app", None)
        return {"lost": data["id"]} if self.blocks and data["check"] else {}

    def _write_address(self, data: dict[str, Any]) -> dict[str, Any]:
        """Do what address.js does."""
        self.address.pop(data["name"], None)
        if data["text"]:
            self.address[data["name"]] = data["text"]
        return {}

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

    def _show_frame(self, method: str, name: str, value: str, options: dict[str, Any]) -> None:
        """Do what the frame of `CookieController` does."""
        assert method == "set"
        assert options["path"] == "/"
        assert options["sameSite"] == "lax"
        self.cookies.pop(name, None)
        if options["maxAge"] > 0 and not self.blocks:
            self.cookies[name] = value

    def _write_cookie(self, name: str, value: str, text: str) -> None:
        assert text.startswith(f"{name}={value}; Path=/; Max-Age=")
        if not self.blocks:
            self.cookies[name] = value
