"""How a sign-in is handed out to a browser; see `Grant` in `caches/base.py`."""

from streamlit_persistauth.caller import Caller
from streamlit_persistauth.models import Credential, Session
from streamlit_persistauth.parts import Parts


class FreshGrant:
    """Hands out what is made when it is asked for."""

    def __init__(self, parts: Parts, session: Session, caller: Caller) -> None:
        """Hand out this sign-in to this caller."""
        self._parts = parts
        self._session = session
        self._client = caller.handshake.client

    def credential(self) -> Credential:
        """See `Grant`."""
        return self._parts.sessions.issue(self._session.id)

    def handoff_code(self, browser: str) -> str:
        """See `Grant`."""
        session = self._session
        return self._parts.sessions.hand_off(session.id, session.user_id, browser=browser)

    def handle(self) -> str:
        """See `Grant`."""
        return self._parts.handles.create(self._session, client=self._client)


class Successor:
    """Hands out a renewed credential, which is there already."""

    def __init__(self, credential: Credential) -> None:
        """Hand out this one."""
        self._credential = credential

    def credential(self) -> Credential:
        """See `Grant`."""
        return self._credential

    def handoff_code(self, browser: str) -> str:
        """See `Grant`."""
        raise NotImplementedError("a credential that is there already goes through no route")

    def handle(self) -> str:
        """See `Grant`."""
        raise NotImplementedError("a handle is followed by a handle, not by a credential")
