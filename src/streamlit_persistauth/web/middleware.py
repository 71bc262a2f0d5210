"""The middleware of `st.App`: tells scripts which connection they serve, and browsers apart."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamlit_persistauth.core.secrets import new_secret
from streamlit_persistauth.web.connections import HEADER, connections
from streamlit_persistauth.web.cookies import browser_cookie, cookie_values, set_cookie

_HEADER = HEADER.lower().encode()


class AuthMiddleware:
    """Marks each WebSocket connection, and gives each browser a cookie of its own.

    The browser's cookie signs nobody in. A handoff code counts only together with it, so that a
    code overheard is worth nothing in another browser.
    """

    def __init__(self, app: ASGIApp, *, cookie_name: str, base_path: str = "") -> None:
        """Wrap an app.

        Args:
            app: What comes next.
            cookie_name: The base name of our cookies.
            base_path: Streamlit's `server.baseUrlPath`, with a leading slash, or empty.
        """
        self._app = app
        self._browser_cookie = browser_cookie(cookie_name)
        self._base_path = base_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection or request."""
        if scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
        elif scope["type"] == "http" and self._is_new_browser(scope):
            await self._app(scope, receive, self._introducing(scope, send))
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

    def _is_new_browser(self, scope: Scope) -> bool:
        """Return whether a browser without our cookie asks for a page."""
        headers = Headers(scope=scope)
        if scope["method"] != "GET" or "text/html" not in headers.get("accept", ""):
            return False
        return not any(cookie_values(headers.get("cookie", ""), self._browser_cookie))

    def _introducing(self, scope: Scope, send: Send) -> Send:
        """Return a `send` that adds the browser's cookie to the answer, which no cache may keep."""
        headers = Headers(scope=scope)
        forwarded = headers.get("x-forwarded-proto", "").partition(",")[0].strip()
        secure = "https" in {scope["scheme"], forwarded}
        cookie = set_cookie(self._browser_cookie, new_secret(), secure=secure)

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [item for item in message["headers"] if item[0].lower() != b"cache-control"]
                added = [(b"cache-control", b"no-store"), (b"set-cookie", cookie.encode())]
                message["headers"] = kept + added
            await send(message)

        return send_with_cookie
