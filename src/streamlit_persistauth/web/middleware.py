"""The middleware of `st.App`: marks connections, tells browsers apart, renews credentials."""

from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streamlit_persistauth.core.clock import Clock, utc_now
from streamlit_persistauth.core.sessions.sessions import Sessions
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.runtime.pages_folder import run_entry_script_first
from streamlit_persistauth.runtime.streamlit_session import (
    close_streamlit_session,
    is_connected,
    max_message_bytes,
)
from streamlit_persistauth.web.browsers import new_browser
from streamlit_persistauth.web.connections import HEADER, Connection, Owner, connections, owners
from streamlit_persistauth.web.cookies import Cookies
from streamlit_persistauth.web.gate import Gate, Inbox
from streamlit_persistauth.web.peer import transport_peer
from streamlit_persistauth.web.request_cookies import RequestCookies, is_https
from streamlit_persistauth.web.watch import Watch

SOCKET_PATH: Final = "/_stcore/stream"
"""Where Streamlit's pages open their WebSocket."""
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
        self._presented = RequestCookies(cookies)
        self._clock = clock
        self._base_path = base_path
        self._sessions = sessions
        self._renews = renewal
        self._identity = identity
        self._watch = Watch(connections, sessions.find_live)
        self._is_prepared = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection or request."""
        if not self._is_prepared and scope["type"] != "lifespan":
            self._is_prepared = run_entry_script_first()
        if scope["type"] == "websocket":
            await self._serve_socket(scope, receive, send)
        elif scope["type"] == "http" and _asks_for_a_page(scope):
            cookies = [*self._introduction(scope), *await self._renewal(scope)]
            await self._app(scope, receive, _setting(cookies, send) if cookies else send)
        else:
            await self._app(scope, receive, send)

    async def _serve_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a WebSocket of Streamlit's through a gate, and pass any other.

        When a sign-in is revoked or expires, its Streamlit session is closed, and the same
        WebSocket goes on with a new one. So nothing of a former user can be run.
        """
        if not scope["path"].endswith(SOCKET_PATH):
            await self._app(_marked(scope, None), receive, send)
            return
        self._watch.begin()
        connection, former = self._open(scope, transport_peer(receive)), None
        inbox = Inbox(receive)
        try:
            scope = await self._admit(connection, scope)
            opening: list[Message] = [await receive()]
            while True:
                if connection.follows_end:
                    opening.append(_run(connection))
                gate = Gate(
                    connection,
                    inbox,
                    send,
                    self._is_live,
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
            dead, session_id = (
                connection.streamlit_session,
                connection.session_id or connection.left,
            )
            if connection.spoiled and dead is not None:
                close_streamlit_session(dead)
            elif gate.has_ended and dead is not None and session_id is not None:
                _close_unused(dead, session_id)

    async def _admit(self, connection: Connection, scope: Scope) -> Scope:
        """Return a handshake as it may pass, and bind its connection to what it continues.

        A Streamlit session that has an owner is continued by their browser, or with their
        credential, while their sign-in is valid.
        """
        asked_for = session_asked_for(scope)
        if asked_for is None:
            return scope
        living = owners.living(asked_for)
        owner = owners.get(living) if living else None
        if living is None or owner is None:
            if living != asked_for or not owners.is_complete:
                await self._follow(connection, owners.former(asked_for), scope)
                return without_session(scope)
            connection.streamlit_session = living
            return scope
        if not await self._belongs_to(owner, scope):
            return without_session(scope)
        connection.page = owner.page
        if await self._is_live(owner.session_id, used=False) is False:
            _close(living, owner.session_id)
            connection.follows_end = True
            return without_session(scope)
        connection.streamlit_session = living
        connection.continue_as(owner.session_id)
        return with_session(scope, living)

    async def _follow(self, connection: Connection, owner: Owner | None, scope: Scope) -> None:
        """Have the page of a dead Streamlit session run again, if it comes from its owner."""
        if owner is not None and await self._belongs_to(owner, scope):
            connection.page = owner.page
            connection.follows_end = True

    def _open(self, scope: Scope, peer: str | None) -> Connection:
        return connections.open(
            base_path=scope.get("root_path", "") + self._base_path,
            browser=self._presented.browser(scope),
            peer=peer,
            app=self._identity,
        )

    def _next(self, former: Connection) -> Connection:
        """Return a connection in the place of one whose Streamlit session is dead."""
        connection = connections.open(
            base_path=former.base_path,
            browser=former.browser,
            peer=former.peer,
            app=former.app,
        )
        connection.page = former.page
        connection.follows_end = True
        connection.session_id = former.session_id if former.spoiled else None
        return connection

    async def _is_live(self, session_id: str, *, used: bool) -> bool | None:
        """Return whether a sign-in is valid; None where the store can't tell."""
        ask = self._sessions.resume_session if used else self._sessions.peek
        try:
            await run_in_threadpool(ask, session_id)
        except InvalidToken:
            return False
        except StoreError:
            return None
        return True

    async def _belongs_to(self, owner: Owner, scope: Scope) -> bool:
        """Return whether a handshake comes from a browser, or with a credential, of an owner."""
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


def with_session(scope: Scope, streamlit_session: str) -> Scope:
    """Return a handshake that asks for this Streamlit session."""
    return _offering(scope, [*_offers(scope)[:2], streamlit_session])


def without_session(scope: Scope) -> Scope:
    """Return a handshake that asks for a new Streamlit session."""
    return _offering(scope, _offers(scope)[:2])


def _offers(scope: Scope) -> list[str]:
    return [text.strip() for text in Headers(scope=scope).get(_OFFERS.decode(), "").split(",")]


def _offering(scope: Scope, offers: list[str]) -> Scope:
    headers = [item for item in scope["headers"] if item[0].lower() != _OFFERS]
    if any(offers):
        headers.append((_OFFERS, ", ".join(offers).encode()))
    return {**scope, "headers": headers, "subprotocols": [offer for offer in offers if offer]}


def _marked(scope: Scope, mark: str | None) -> Scope:
    """Return a handshake with our mark, and without what a client wrote in its place."""
    headers = [item for item in scope["headers"] if item[0].lower() != _HEADER]
    if mark is not None:
        headers.append((_HEADER, mark.encode()))
    return {**scope, "headers": headers}


def _run(connection: Connection) -> Message:
    """Return the message that asks for a clean run of the page."""
    return {"type": "websocket.receive", "bytes": connection.page.clean_run()}


def _close(streamlit_session: str, session_id: str) -> None:
    """Close a Streamlit session whose sign-in has ended, unless it has another one by now."""
    if owners.retire(streamlit_session, session_id):
        close_streamlit_session(streamlit_session)


def _close_unused(streamlit_session: str, session_id: str) -> None:
    """Do the same where no connection has taken the place of the one that was disconnected.

    Otherwise the page has come back before its first connection was known to be lost. What happens
    to its Streamlit session is decided by its own sign-in; the user may have signed out there.
    """
    if not is_connected(streamlit_session):
        _close(streamlit_session, session_id)


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
