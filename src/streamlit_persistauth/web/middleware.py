"""The middleware of `st.App`: marks connections, tells browsers apart, renews credentials."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamlit_persistauth.core.clock import Clock, utc_now
from streamlit_persistauth.core.secrets import new_secret
from streamlit_persistauth.core.sessions import Sessions
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.web.connections import HEADER, connections
from streamlit_persistauth.web.cookies import (
    browser_cookie,
    cookie_values,
    credential_cookie,
    set_cookie,
)

_HEADER = HEADER.lower().encode()


class AuthMiddleware:
    """Marks WebSocket connections, knows browsers again, and renews credentials.

    The browser's cookie signs nobody in. A handoff code counts only together with it, so that a
    code overheard is worth nothing in another browser.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        cookie_name: str,
        base_path: str = "",
        renewer: Sessions | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """Wrap an app.

        Args:
            app: What comes next.
            cookie_name: The base name of our cookies.
            base_path: Streamlit's `server.baseUrlPath`, with a leading slash, or empty.
            renewer: Renews credentials that are due; None where none ever is.
            clock: Where the time comes from.
        """
        self._app = app
        self._cookie_name = cookie_name
        self._clock = clock
        self._base_path = base_path
        self._renewer = renewer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection or request."""
        if scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
        elif scope["type"] == "http" and _asks_for_a_page(scope):
            cookies = [*self._introduction(scope), *await self._renewal(scope)]
            await self._app(scope, receive, _setting(cookies, send) if cookies else send)
        else:
            await self._app(scope, receive, send)

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Write our mark into the handshake; nothing a client wrote there survives."""
        connection = connections.open(base_path=scope.get("root_path", "") + self._base_path)
        headers = [item for item in scope["headers"] if item[0].lower() != _HEADER]
        headers.append((_HEADER, connection.id.encode()))
        try:
            await self._app({**scope, "headers": headers}, receive, send)
        finally:
            connections.close(connection)

    def _introduction(self, scope: Scope) -> list[str]:
        """Return the cookie by which a new browser will be known again."""
        name = browser_cookie(self._cookie_name)
        if any(cookie_values(_cookie_header(scope), name)):
            return []
        return [set_cookie(name, new_secret(), secure=_is_https(scope))]

    async def _renewal(self, scope: Scope) -> list[str]:
        """Return the cookie with the successor of a credential that is due.

        Where the credential does not count or the store fails, nothing is set here: the page that
        follows deals with that.
        """
        if self._renewer is None:
            return []
        secure = _is_https(scope)
        name = credential_cookie(self._cookie_name, secure=secure)
        held = cookie_values(_cookie_header(scope), name)
        if len(held) != 1:
            return []
        try:
            credential = await run_in_threadpool(self._renewer.renew, held[0])
        except (InvalidToken, StoreError):
            return []
        if credential is None:
            return []
        max_age = int((credential.expires_at - self._clock()).total_seconds())
        return [set_cookie(name, credential.text, secure=secure, max_age=max_age)]


def _asks_for_a_page(scope: Scope) -> bool:
    accepted = Headers(scope=scope).get("accept", "")
    return scope["method"] == "GET" and "text/html" in accepted


def _cookie_header(scope: Scope) -> str:
    return "; ".join(Headers(scope=scope).getlist("cookie"))


def _is_https(scope: Scope) -> bool:
    """Return whether a page is HTTPS. A GET has no Origin, so a proxy's word is taken for it."""
    forwarded = Headers(scope=scope).get("x-forwarded-proto", "").partition(",")[0].strip()
    return "https" in {scope["scheme"], forwarded}


def _setting(cookies: list[str], send: Send) -> Send:
    """Return a `send` that adds cookies to the answer, which then no cache may keep."""

    async def send_with_cookies(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [item for item in message["headers"] if item[0].lower() != b"cache-control"]
            added = [(b"set-cookie", cookie.encode()) for cookie in cookies]
            message["headers"] = [*kept, (b"cache-control", b"no-store"), *added]
        await send(message)

    return send_with_cookies
