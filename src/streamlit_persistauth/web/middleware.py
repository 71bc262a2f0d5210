"""The middleware of `st.App`: marks connections, tells browsers apart, renews credentials."""

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamlit_persistauth.core.clock import Clock, utc_now
from streamlit_persistauth.core.sessions import Sessions
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.web.browsers import new_browser
from streamlit_persistauth.web.connections import HEADER, connections, owners
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.gate import Gate
from streamlit_persistauth.web.presented import Presented, is_https
from streamlit_persistauth.web.watch import Watch

_OFFERS = b"sec-websocket-protocol"
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
        cookies: Cookies,
        base_path: str = "",
        sessions: Sessions,
        renewal: bool = False,
        identity: int | None = None,
        clock: Clock = utc_now,
    ) -> None:
        """Wrap an app.

        Args:
            app: What comes next.
            cookies: The cookies of the app.
            base_path: Streamlit's `server.baseUrlPath`, with a leading slash, or empty.
            sessions: The sign-ins.
            renewal: Whether credentials that are due are renewed.
            identity: Tells the app from one with other accounts, sign-ins or cookies.
            clock: Where the time comes from.
        """
        self._app = app
        self._cookies = cookies
        self._presented = Presented(cookies)
        self._clock = clock
        self._base_path = base_path
        self._sessions = sessions
        self._renews = renewal
        self._identity = identity
        self._watch = Watch(connections, sessions.find_live)

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
        """Serve a WebSocket through a gate, with our mark in its handshake.

        Nothing a client wrote there survives, and no Streamlit session that is somebody else's.
        """
        if not await self._may_continue(scope):
            scope = without_session(scope)
        connection = connections.open(
            base_path=scope.get("root_path", "") + self._base_path,
            browser=self._presented.browser(scope),
            app=self._identity,
        )
        headers = [item for item in scope["headers"] if item[0].lower() != _HEADER]
        headers.append((_HEADER, connection.id.encode()))
        gate = Gate(connection, receive, send, self._is_live)
        self._watch.begin()
        try:
            await self._app({**scope, "headers": headers}, gate.receive, gate.send)
        finally:
            gate.close()
            connections.close(connection)

    async def _is_live(self, session_id: str, *, used: bool) -> bool | None:
        """Return whether a sign-in counts; None where the store can't tell."""
        ask = self._sessions.resume_session if used else self._sessions.look_at
        try:
            await run_in_threadpool(ask, session_id)
        except InvalidToken:
            return False
        except StoreError:
            return None
        return True

    async def _may_continue(self, scope: Scope) -> bool:
        """Return whether a handshake may take up the Streamlit session it asks for, if any.

        One on which somebody has signed in is for their browser, or for their credential.
        """
        asked_for = session_asked_for(scope)
        owner = owners.get(asked_for) if asked_for else None
        if owner is None:
            return True
        if owner.browser is not None and owner.browser == self._presented.browser(scope):
            return True
        held = self._presented.credential(scope)
        if held is None:
            return False
        try:
            found = await run_in_threadpool(self._sessions.resume, held, used=False)
        except (InvalidToken, StoreError):
            return False
        return found.session.id == owner.session_id

    def _introduction(self, scope: Scope) -> list[str]:
        """Return the cookie by which a new browser will be known again."""
        if self._presented.has_introduced_itself(scope):
            return []
        secure = is_https(scope)
        name = self._cookies.browser(secure=secure)
        return [self._cookies.set(name, new_browser(), secure=secure)]

    async def _renewal(self, scope: Scope) -> list[str]:
        """Return the cookie with the successor of a credential that is due.

        Where the credential does not count or the store fails, nothing is set here: the page that
        follows deals with that.
        """
        held = self._presented.credential(scope)
        if not self._renews or held is None:
            return []
        secure = is_https(scope)
        name = self._cookies.credential(secure=secure)
        try:
            credential = await run_in_threadpool(self._sessions.renew, held)
        except (InvalidToken, StoreError):
            return []
        if credential is None:
            return []
        max_age = int((credential.expires_at - self._clock()).total_seconds())
        return [self._cookies.set(name, credential.text, secure=secure, max_age=max_age)]


def session_asked_for(scope: Scope) -> str | None:
    """Return the Streamlit session that a handshake offers to take up, if it names one.

    Streamlit's browser side writes it as the third sub-protocol.
    """
    offered = Headers(scope=scope).get(_OFFERS.decode(), "").split(",")
    return offered[2].strip() or None if len(offered) > 2 else None  # noqa: PLR2004


def without_session(scope: Scope) -> Scope:
    """Return a handshake that asks for a new Streamlit session."""
    offered = [text.strip() for text in Headers(scope=scope).get(_OFFERS.decode(), "").split(",")]
    kept = offered[:2]
    headers = [item for item in scope["headers"] if item[0].lower() != _OFFERS]
    headers.append((_OFFERS, ", ".join(kept).encode()))
    return {**scope, "headers": headers, "subprotocols": kept}


def _asks_for_a_page(scope: Scope) -> bool:
    accepted = Headers(scope=scope).get("accept", "")
    return scope["method"] == "GET" and "text/html" in accepted


def _setting(cookies: list[str], send: Send) -> Send:
    """Return a `send` that adds cookies to the answer, which then no cache may keep."""

    async def send_with_cookies(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [item for item in message["headers"] if item[0].lower() != b"cache-control"]
            added = [(b"set-cookie", cookie.encode()) for cookie in cookies]
            message["headers"] = [*kept, (b"cache-control", b"no-store"), *added]
        await send(message)

    return send_with_cookies
