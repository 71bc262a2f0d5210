"""What Streamlit serves beside the script, for signed-in browsers only."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from streamlit_persistauth.core.sessions.sessions import Sessions
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.web.connections import connections
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.request_cookies import RequestCookies

PATHS: Final = ("/media/", "/_stcore/upload_file/", "/app/static/", "/component/")
"""Images and downloads, uploads, the app's static files, and components in frames."""


class FileMiddleware:
    """Refuses files to a browser that nobody is signed in with.

    Streamlit serves a file to whoever has its address. Here a request also has to present a
    credential that counts, or the cookie of a browser that has a signed-in page open in this
    process, which is where its files are.
    """

    def __init__(
        self, app: ASGIApp, *, cookies: Cookies, sessions: Sessions, base_path: str = ""
    ) -> None:
        """Wrap an app."""
        self._app = app
        self._presented = RequestCookies(cookies)
        self._sessions = sessions
        self._paths = tuple(base_path + path for path in PATHS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection or request."""
        if scope["type"] == "http" and self._is_protected(scope) and not await self._may(scope):
            refusal = PlainTextResponse(
                "Please sign in first.", 403, headers={"Cache-Control": "no-store"}
            )
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_protected(self, scope: Scope) -> bool:
        path: str = scope["path"].removeprefix(scope.get("root_path", ""))
        return path.startswith(self._paths)

    async def _may(self, scope: Scope) -> bool:
        """Return whether somebody is signed in with the browser that asks."""
        text = self._presented.credential(scope)
        try:
            if text is not None:
                await run_in_threadpool(self._sessions.resume, text, used=False)
                return True
        except (InvalidToken, StoreError):
            pass
        browser = self._presented.browser(scope)
        return browser is not None and await self._is_signed_in(browser)

    async def _is_signed_in(self, browser: str) -> bool:
        """Return whether an open page of a browser has a valid sign-in, as the store says now."""
        session_ids = {
            connection.session_id
            for connection in connections.bound()
            if connection.browser == browser and connection.session_id
        }
        if not session_ids:
            return False
        try:
            return bool(await run_in_threadpool(self._sessions.find_live, session_ids))
        except StoreError:
            return False
