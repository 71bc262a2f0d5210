"""The routes under `/persistauth/`: they set and clear the HttpOnly cookie."""

import json
from collections.abc import Callable
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.sessions.sessions import Sessions
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.web.browsers import browser_id, exchange_ticket
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.request_cookies import RequestCookies, is_secure
from streamlit_persistauth.web.route_paths import (
    BROWSER_PATH,
    CHECK_PATH,
    CLEAR_PATH,
    HANDOFF_PATH,
)
from streamlit_persistauth.web.same_origin import is_of_same_origin
from streamlit_persistauth.web.store_threads import run_in_store_thread

MAX_BODY_BYTES: Final = 1024
METHODS: Final = ("POST", "GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE")
"""Every method, though only POST is served: Streamlit would answer the others with its page."""


class CookieRoutes:
    """Endpoints that exchange a handoff code for the cookie, check that it was kept, and delete it.

    All accept POST from the same origin with a small JSON object, and respond with JSON that no
    cache may store. The credential is in the `Set-Cookie` header only.
    """

    def __init__(self, sessions: Sessions, cookies: Cookies, *, clock: Clock) -> None:
        self._sessions = sessions
        self._cookies = cookies
        self._request_cookies = RequestCookies(cookies)
        self._clock = clock

    def routes(self, base_path: str) -> list[Route]:
        """Return the routes, below `base_path`."""
        endpoints = {
            HANDOFF_PATH: self._hand_off,
            CHECK_PATH: self._check,
            CLEAR_PATH: self._clear,
            BROWSER_PATH: self._exchange_ticket,
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
                return await run_in_store_thread(endpoint, request, body)
            except StoreError:
                return _answer(503, "sign-in is unavailable right now")

        return guarded

    def _hand_off(self, request: Request, body: dict[str, Any]) -> Response:
        """Set the cookie for a handoff code, if it was made for this browser."""
        browser, code = self._request_cookies.browser(request.scope), body.get("code")
        if browser is None or not isinstance(code, str):
            return _answer(400, "a handoff code is expected")
        try:
            credential = self._sessions.redeem(code, browser=browser_id(browser))
        except InvalidToken:
            return _answer(403, "this handoff code is not valid")
        max_age = int((credential.expires_at - self._clock()).total_seconds())
        name = self._cookies.credential(secure=is_secure(request.scope))
        return self._setting(request, name, credential.text, max_age)

    def _clear(self, request: Request, _body: dict[str, Any]) -> Response:
        """Delete the cookie, unless it holds a credential that is valid here or may be elsewhere.

        So a late request of a page that signed out can't undo the new sign-in of another tab, or
        one at another app on this host, and a forged request can't sign a user out.
        """
        if self._has_credential(request, elsewhere=True):
            return _answer(409, "this credential is in use")
        name = self._cookies.credential(secure=is_secure(request.scope))
        return self._setting(request, name, "", 0)

    def _exchange_ticket(self, request: Request, body: dict[str, Any]) -> Response:
        """Set a new value of the browser's own cookie, for a page that signed in or out.

        Only the process that serves the page's connection can do that. Another one responds with
        503, and the page tries again; a load balancer may choose the right process then.
        """
        browser, ticket = self._request_cookies.browser(request.scope), body.get("ticket")
        if browser is None or not isinstance(ticket, str):
            return _answer(400, "a ticket is expected")
        value = exchange_ticket(ticket, browser)
        if value is None:
            return _answer(503, "this page is not open here")
        name = self._cookies.browser(secure=is_secure(request.scope))
        return self._setting(request, name, value, None)

    def _check(self, request: Request, _body: dict[str, Any]) -> Response:
        """Return whether the browser has kept the cookie that it was given a moment ago."""
        kept = self._has_credential(request)
        return _answer(200) if kept else _answer(404, "it was not kept")

    def _has_credential(self, request: Request, *, elsewhere: bool = False) -> bool:
        """Return whether the cookie holds a valid credential.

        Args:
            request: The request.
            elsewhere: Whether to accept one that another app, or a server with another time, may
                accept.
        """
        credential = self._request_cookies.credential(request.scope)
        if credential is None:
            return False
        try:
            self._sessions.resume(credential, used=False)
        except InvalidToken as refusal:
            return elsewhere and not refusal.is_final
        return True

    def _setting(self, request: Request, name: str, value: str, max_age: int | None) -> Response:
        response = _answer(200)
        secure = is_secure(request.scope)
        cookie = self._cookies.set(name, value, secure=secure, max_age=max_age)
        response.headers.append("set-cookie", cookie)
        return response


def is_same_origin(request: Request) -> bool:
    """Return whether our own page sent a request (ASVS 3.5.1 and 3.5.3)."""
    is_json = request.headers.get("content-type", "").partition(";")[0] == "application/json"
    return is_json and is_of_same_origin(request.headers)


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
