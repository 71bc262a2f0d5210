"""Which Streamlit session a new WebSocket may continue, and when one is closed."""

from dataclasses import dataclass

from starlette.types import Scope

from streamlit_persistauth.core.sessions.sessions import Sessions
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.runtime.streamlit_session import close_streamlit_session, is_connected
from streamlit_persistauth.web.connections import Connection
from streamlit_persistauth.web.owners import Owner, owners
from streamlit_persistauth.web.request_cookies import RequestCookies
from streamlit_persistauth.web.store_threads import run_in_store_thread
from streamlit_persistauth.web.subprotocols import (
    session_asked_for,
    with_session,
    without_session,
)


@dataclass(frozen=True, slots=True)
class Reconnection:
    """Decides which Streamlit session a new connection may continue.

    A Streamlit session that has an owner is continued by the owner's browser, or with the owner's
    credential, while the sign-in is valid.

    Attributes:
        request_cookies: Reads our cookies.
        sessions: The sign-ins.
    """

    request_cookies: RequestCookies
    sessions: Sessions

    async def admit(self, connection: Connection, scope: Scope) -> Scope:
        """Return a handshake as it may pass, and bind its connection to the sign-in it continues.

        What may not pass asks for a new Streamlit session instead.
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
        if await self.is_live(owner.session_id, used=False) is False:
            _close(living, owner.session_id)
            connection.follows_end = True
            return without_session(scope)
        connection.streamlit_session = living
        connection.continue_as(owner.session_id)
        return with_session(scope, living)

    async def is_live(self, session_id: str, *, used: bool) -> bool | None:
        """Return whether a sign-in is valid; None if the store does not answer.

        Args:
            session_id: The sign-in.
            used: Whether to update its `last_used_at`.
        """
        read = self.sessions.resume_session if used else self.sessions.peek
        try:
            await run_in_store_thread(read, session_id)
        except InvalidToken:
            return False
        except StoreError:
            return None
        return True

    async def _follow(self, connection: Connection, owner: Owner | None, scope: Scope) -> None:
        """Have the page of a dead Streamlit session run again, if it comes from its owner."""
        if owner is not None and await self._belongs_to(owner, scope):
            connection.page = owner.page
            connection.follows_end = True

    async def _belongs_to(self, owner: Owner, scope: Scope) -> bool:
        """Return whether a handshake comes from the browser, or with the credential, of an owner.

        Where the browser's cookie is about to change, only the credential will do.
        """
        if owner.browser is not None and owner.browser == self.request_cookies.browser(scope):
            return True
        credential = self.request_cookies.credential(scope)
        if credential is None:
            return False
        try:
            found = await run_in_store_thread(self.sessions.resume, credential, used=False)
        except (InvalidToken, StoreError):
            return False
        return found.session.id == owner.session_id


def close_abandoned(connection: Connection, *, has_ended: bool) -> None:
    """Close the Streamlit session of a connection that was closed, if none may continue it.

    Args:
        connection: The connection.
        has_ended: Whether the gate has closed it, because its sign-in was revoked or has expired.
    """
    dead, session_id = connection.streamlit_session, connection.session_id or connection.left
    if dead is None:
        return
    if connection.spoiled:
        close_streamlit_session(dead)
    elif has_ended and session_id is not None and not is_connected(dead):
        # If it is connected, the page came back before its first connection was known to be lost.
        # Its Streamlit session has its own sign-in then; the user may have signed out there.
        _close(dead, session_id)


def _close(streamlit_session: str, session_id: str) -> None:
    """Close a Streamlit session whose sign-in is over, unless it has another one by now."""
    if owners.retire(streamlit_session, session_id):
        close_streamlit_session(streamlit_session)
