"""The middleware of `st.App`: registers connections, identifies browsers, renews credentials."""

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamlit_persistauth.core.clock import Clock, utc_now
from streamlit_persistauth.core.sessions.sessions import Sessions
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.runtime.pages_folder import run_entry_script_first
from streamlit_persistauth.runtime.streamlit_session import max_message_bytes
from streamlit_persistauth.web.browsers import new_browser
from streamlit_persistauth.web.connections import HEADER, Connection, connections
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.endpoints import HOME
from streamlit_persistauth.web.gate import Gate, Inbox
from streamlit_persistauth.web.headers import asks_for_a_page
from streamlit_persistauth.web.peer import transport_peer
from streamlit_persistauth.web.reconnection import Reconnection, close_abandoned
from streamlit_persistauth.web.request_cookies import RequestCookies, is_secure
from streamlit_persistauth.web.revocation_watch import Watch
from streamlit_persistauth.web.store_threads import run_in_store_thread
from streamlit_persistauth.web.subprotocols import without_session

SOCKET_PATH: Final = "/_stcore/stream"
"""Where Streamlit's pages open their WebSocket."""
_HEADER = HEADER.lower().encode()


class AuthMiddleware:
    """Registers WebSocket connections, identifies browsers, and renews credentials.

    The cookie that identifies a browser signs no user in. A handoff code is valid only together
    with it, so an intercepted code is useless in another browser.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        cookies: Cookies,
        base_path: str = "",
        sessions: Sessions,
        renewal: bool = False,
        identity: int | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """Wrap an app.

        Args:
            app: The next ASGI application.
            cookies: The cookies of the app.
            base_path: Streamlit's `server.baseUrlPath`, with a leading slash, or empty.
            sessions: The sign-ins.
            renewal: Whether to renew credentials that are due.
            identity: Differs between apps with other accounts, sign-ins or cookies.
            clock: Returns the time.
        """
        self._app = app
        self._cookies = cookies
        self._request_cookies = RequestCookies(cookies)
        self._reconnection = Reconnection(self._request_cookies, sessions)
        self._clock = clock
        self._base_path = base_path
        self._sessions = sessions
        self._renews = renewal
        self._identity = identity
        self._watch = Watch(connections, sessions.watched().find_live)
        self._is_prepared = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._is_prepared and scope["type"] != "lifespan":
            self._is_prepared = run_entry_script_first()
        if scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
        elif scope["type"] == "http":
            # Streamlit shows the headers of an agent's request to the script.
            # One slash at the beginning: two would name another host.
            home = "/" + f"{scope.get('root_path', '')}{self._base_path}/".lstrip("/")
            await self._serve_request({**_marked(scope, None), HOME: home}, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _serve_request(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve an HTTP request; set cookies in the response if it asks for a page."""
        if asks_for_a_page(scope):
            cookies = [*self._new_browser(scope), *await self._renewal(scope)]
            send = _setting(cookies, send) if cookies else send
        await self._app(scope, receive, send)

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve Streamlit's WebSocket through a gate, and pass any other.

        When a sign-in is revoked or expires, its Streamlit session is closed, and the same
        WebSocket continues with a new one. So no code of a former user's page can run.
        """
        if not scope["path"].endswith(SOCKET_PATH):
            await self._app(_marked(scope, None), receive, send)
            return
        self._watch.begin()
        connection, former = self._open(scope, transport_peer(receive)), None
        inbox = Inbox(receive)
        try:
            scope = await self._reconnection.admit(connection, scope)
            opening: list[Message] = [await receive()]
            while True:
                if connection.follows_end:
                    opening.append(_run(connection))
                gate = Gate(
                    connection,
                    inbox,
                    send,
                    self._reconnection.is_live,
                    max_bytes=max_message_bytes(),
                    opening=opening,
                    follows=former,
                )
                await self._connect(connection, scope, gate)
                if not gate.has_ended:
                    break
                former, connection = connection, self._next(connection)
                scope, opening = without_session(scope), [{"type": "websocket.connect"}]
        finally:
            connections.close(connection)
            inbox.close()

    async def _connect(self, connection: Connection, scope: Scope, gate: Gate) -> None:
        """Serve one connection to Streamlit, with our mark in its handshake."""
        try:
            await self._app(_marked(scope, connection.id), gate.receive, gate.send)
        finally:
            connections.close(connection)
            close_abandoned(connection, has_ended=gate.has_ended)

    def _open(self, scope: Scope, peer: str | None) -> Connection:
        return connections.open(
            base_path=scope.get("root_path", "") + self._base_path,
            browser=self._request_cookies.browser(scope),
            peer=peer,
            app=self._identity,
        )

    def _next(self, former: Connection) -> Connection:
        """Return a connection that replaces one whose Streamlit session is dead.

        It is of the same page, which may still present the ticket of the former one.
        """
        connection = connections.open(
            base_path=former.base_path,
            browser=former.browser,
            peer=former.peer,
            app=former.app,
        )
        connection.page = former.page
        connection.ticket, connection.ticket_value = former.ticket, former.ticket_value
        connection.follows_end = True
        connection.session_id = former.session_id if former.spoiled else None
        return connection

    def _new_browser(self, scope: Scope) -> list[str]:
        """Return the cookie that will identify the browser, if it has none."""
        if self._request_cookies.has_browser(scope):
            return []
        secure = is_secure(scope)
        name = self._cookies.browser(secure=secure)
        return [self._cookies.set(name, new_browser(), secure=secure)]

    async def _renewal(self, scope: Scope) -> list[str]:
        """Return the cookie with the successor of a credential that is due.

        If the credential is invalid or the store fails, set nothing: the page that follows handles
        that.
        """
        held = self._request_cookies.credential(scope)
        if not self._renews or held is None:
            return []
        secure = is_secure(scope)
        name = self._cookies.credential(secure=secure)
        try:
            credential = await run_in_store_thread(self._sessions.renew, held)
        except (InvalidToken, StoreError):
            return []
        if credential is None:
            return []
        max_age = int((credential.expires_at - self._clock()).total_seconds())
        return [self._cookies.set(name, credential.text, secure=secure, max_age=max_age)]


def _marked(scope: Scope, mark: str | None) -> Scope:
    """Return a handshake with our mark, and without a mark of the client's."""
    headers = [item for item in scope["headers"] if item[0].lower() != _HEADER]
    if mark is not None:
        headers.append((_HEADER, mark.encode()))
    return {**scope, "headers": headers}


def _run(connection: Connection) -> Message:
    """Return the message that asks for a clean run of the page."""
    return {"type": "websocket.receive", "bytes": connection.page.clean_run()}


def _setting(cookies: list[str], send: Send) -> Send:
    """Return a `send` that adds cookies to the response, which then no cache may store."""

    async def send_with_cookies(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [item for item in message["headers"] if item[0].lower() != b"cache-control"]
            added = [(b"set-cookie", cookie.encode()) for cookie in cookies]
            message["headers"] = [*kept, (b"cache-control", b"no-store"), *added]
        await send(message)

    return send_with_cookies
