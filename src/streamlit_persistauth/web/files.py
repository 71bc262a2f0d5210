"""The files that Streamlit serves beside the script, for signed-in browsers only."""

from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from streamlit_persistauth.core.sessions.sessions import Sessions
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.web.connections import connections
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.request_cookies import RequestCookies
from streamlit_persistauth.web.store_threads import run_in_store_thread

PATHS: Final = ("/media/", "/_stcore/upload_file/", "/app/static/", "/component/")
"""Images and downloads, uploads, the app's static files, and components in frames."""


class FileMiddleware:
    """Refuses files to a browser in which no user is signed in.

    Streamlit serves a file to every client that has its address. Here a request also has to present
    a valid credential, or the cookie of a browser that has a signed-in page open in this process,
    which is where its files are. Until the page has exchanged its ticket, that is the value from
    before the sign-in: the page requests its first files before the exchange.
    """

    def __init__(
        self, app: ASGIApp, *, cookies: Cookies, sessions: Sessions, base_path: str = ""
    ) -> None:
        self._app = app
        self._request_cookies = RequestCookies(cookies)
        self._sessions = sessions
        self._paths = tuple(base_path + path for path in PATHS)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
        """Return whether a user is signed in with the browser that sent a request."""
        credential = self._request_cookies.credential(scope)
        try:
            if credential is not None:
                await run_in_store_thread(self._sessions.resume, credential, used=False)
                return True
        except (InvalidToken, StoreError):
            pass
        browser = self._request_cookies.browser(scope)
        return browser is not None and await self._is_signed_in(browser)

    async def _is_signed_in(self, browser: str) -> bool:
        """Return whether an open page of a browser has a sign-in that is valid now."""
        session_ids = {
            connection.session_id
            for connection in connections.bound()
            if connection.browser == browser and connection.session_id
        }
        if not session_ids:
            return False
        try:
            return bool(await run_in_store_thread(self._sessions.find_live, session_ids))
        except StoreError:
            return False
