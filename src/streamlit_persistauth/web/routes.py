"""The routes under `/persistauth/`: they set and clear the HttpOnly cookie."""

import json
from collections.abc import Callable
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.sessions.sessions import Sessions
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.web.browsers import browser_id, change
from streamlit_persistauth.web.cookies import Cookies, cookie_values

HANDOFF_PATH: Final = "/persistauth/handoff"
CHECK_PATH: Final = "/persistauth/check"
CLEAR_PATH: Final = "/persistauth/clear"
BROWSER_PATH: Final = "/persistauth/browser"
MAX_BODY_BYTES: Final = 1024
METHODS: Final = ("POST", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
"""What is answered, all but the first with no. What no route takes, Streamlit's page would get."""


class CookieRoutes:
    """Endpoints that trade a handoff code for the cookie, check that it was kept, and remove it.

    All take POST from the same origin with a small JSON object, and answer with JSON that no
    cache may keep. A credential is in nothing but the `Set-Cookie` header.
    """

    def __init__(self, sessions: Sessions, cookies: Cookies, *, clock: Clock) -> None:
        """Serve the sign-ins of one app."""
        self._sessions = sessions
        self._cookies = cookies
        self._clock = clock

    def routes(self, base_path: str) -> list[Route]:
        """Return the routes, below `base_path`."""
        endpoints = {
            HANDOFF_PATH: self._hand_off,
            CHECK_PATH: self._check,
            CLEAR_PATH: self._clear,
            BROWSER_PATH: self._change_browser,
        }
        return [
            Route(base_path + path, self._guarded(endpoint), methods=METHODS)
            for path, endpoint in endpoints.items()
        ]

    def _guarded(self, endpoint: Callable[[Request, dict[str, Any]], Response]) -> Any:  # noqa: ANN401 - what Route takes
        """Return an endpoint that runs only for a request of our own page."""

        async def guarded(request: Request) -> Response:
            if request.method != "POST":
                return _answer(405, "only POST is served", Allow="POST")
            if not is_same_origin(request):
                return _answer(403, "cross-site request refused")
            body = await _read_json(request)
            if body is None:
                return _answer(400, "a small JSON object is expected")
            try:
                return await run_in_threadpool(endpoint, request, body)
            except StoreError:
                return _answer(503, "sign-in is unavailable right now")

        return guarded

    def _hand_off(self, request: Request, body: dict[str, Any]) -> Response:
        """Set the cookie for a handoff code, if this browser is the one it was made for."""
        browser = self._cookies.browser_values(request.headers.get("cookie", ""))
        code = body.get("code")
        if len(browser) != 1 or not isinstance(code, str):
            return _answer(400, "a handoff code is expected")
        try:
            credential = self._sessions.redeem(code, browser=browser_id(browser[0]))
        except InvalidToken:
            return _answer(403, "this handoff code does not count")
        max_age = int((credential.expires_at - self._clock()).total_seconds())
        name = self._cookies.credential(secure=is_https(request))
        return self._setting(request, name, credential.text, max_age)

    def _clear(self, request: Request, _body: dict[str, Any]) -> Response:
        """Delete the cookie, unless it holds a credential that is valid here or at another app.

        So a late call from a page that signed out can't undo another tab's new sign-in, nor one at
        another app on this host, and a forged one can't sign anybody out.
        """
        if self._holds(request, foreign=True):
            return _answer(409, "this credential is in use")
        name = self._cookies.credential(secure=is_https(request))
        return self._setting(request, name, "", 0)

    def _change_browser(self, request: Request, body: dict[str, Any]) -> Response:
        """Give the browser a new value of its own cookie, for a page that signed in or out.

        Only the process that has the page's connection can. Another one says "try again", which
        a balancer may send to the right one.
        """
        browser = self._cookies.browser_values(request.headers.get("cookie", ""))
        ticket = body.get("ticket")
        if len(browser) != 1 or not browser[0] or not isinstance(ticket, str):
            return _answer(400, "a ticket is expected")
        value = change(ticket, browser[0])
        if value is None:
            return _answer(503, "this page is not open here")
        return self._setting(request, self._cookies.browser(secure=is_https(request)), value, None)

    def _check(self, request: Request, _body: dict[str, Any]) -> Response:
        """Say whether the browser has kept the cookie that it was given a moment ago."""
        return _answer(200) if self._holds(request) else _answer(404, "it was not kept")

    def _holds(self, request: Request, *, foreign: bool = False) -> bool:
        """Return whether the cookie holds a live credential, or one of another app if allowed."""
        held = _values(request, self._cookies.credential(secure=is_https(request)))
        if len(held) != 1:
            return False
        try:
            self._sessions.resume(held[0], used=False)
        except InvalidToken as refusal:
            return foreign and refusal.foreign
        return True

    def _setting(self, request: Request, name: str, value: str, max_age: int | None) -> Response:
        response = _answer(200)
        cookie = self._cookies.set(name, value, secure=is_https(request), max_age=max_age)
        response.headers.append("set-cookie", cookie)
        return response


def is_same_origin(request: Request) -> bool:
    """Return whether our own page sent a request (ASVS 3.5.1 and 3.5.3).

    A browser sends `Origin` with every POST; a request without one is refused.
    """
    host = request.headers.get("host")
    if not host or request.headers.get("origin") not in {f"http://{host}", f"https://{host}"}:
        return False
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    return request.headers.get("content-type", "").partition(";")[0] == "application/json"


def is_https(request: Request) -> bool:
    """Return whether the page is HTTPS, also where a proxy ends TLS: its origin says so."""
    return request.headers.get("origin", "").startswith("https://")


def _values(request: Request, name: str) -> list[str]:
    return cookie_values(request.headers.get("cookie", ""), name)


async def _read_json(request: Request) -> dict[str, Any] | None:
    """Return the body, if it is a JSON object of at most `MAX_BODY_BYTES`."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            return None
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _answer(status: int, error: str | None = None, **headers: str) -> JSONResponse:
    content = {"ok": error is None} if error is None else {"ok": False, "error": error}
    return JSONResponse(content, status, headers={"Cache-Control": "no-store", **headers})
