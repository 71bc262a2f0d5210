"""The open WebSocket connections of `st.App`, and the sign-in that each stands for."""

from asyncio import Event
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from typing import Final

from streamlit_persistauth.core.secrets import new_secret
from streamlit_persistauth.web.messages import PageAddress
from streamlit_persistauth.web.owners import Owner, owners

HEADER: Final = "X-Persistauth-Connection"
"""Written into the handshake by our middleware, so that a script run can tell its connection."""


@dataclass(eq=False, slots=True)
class Connection:
    """One connection of a browser to one Streamlit session.

    Attributes:
        id: A secret of this process.
        base_path: The path before `/persistauth/` in the addresses of our routes.
        browser: The browser's own cookie, if it has one.
        app: Identifies the app whose middleware has opened it.
        page: The address of the page.
        session_id: The sign-in that this connection stands for; set and cleared by script runs.
        streamlit_session: The Streamlit session, as soon as it is known.
        left: The sign-in that was signed out by a run that may go on, because the app catches what
            signing out raises. What that run registers since then is not wiped yet.
        was_bound: Whether it has ever stood for a sign-in.
        follows_end: Whether it replaces a connection whose sign-in was revoked or has expired.
        spoiled: Whether its Streamlit session could not be wiped, and must not be used again.
        ended: Set when a sign-in is found to be revoked or expired.
        ended_session: That sign-in.
        peer: The address at the other end, if it is known (`web/peer.py`).
        ticket: Its page exchanges it for a new value of the browser's cookie.
        ticket_value: The value that was given for the ticket; None while the page has not asked.
    """

    id: str = field(repr=False)
    base_path: str
    browser: str | None = field(default=None, repr=False)
    app: int | None = None
    page: PageAddress = field(default_factory=PageAddress, repr=False)
    session_id: str | None = None
    streamlit_session: str | None = None
    left: str | None = None
    was_bound: bool = False
    follows_end: bool = False
    spoiled: bool = False
    ended: Event = field(default_factory=Event)
    ended_session: str | None = None
    peer: str | None = None
    ticket: str | None = field(default=None, repr=False)
    ticket_value: str | None = field(default=None, repr=False)
    _changing: RLock = field(default_factory=RLock, repr=False)
    _changes: int = 0

    @property
    def confirmed_browser(self) -> str | None:
        """The browser's cookie; None while its page has a ticket for a new value.

        A former user of the browser may know the value from before a sign-in.
        """
        return self.browser if self.ticket is None or self.ticket_value is not None else None

    @property
    def is_changing(self) -> bool:
        """Whether a run is replacing the sign-in of this connection."""
        return self._changes > 0

    @contextmanager
    def change(self) -> Iterator[None]:
        """Have the gate wait while a run revokes the sign-in, and perhaps starts another one."""
        with self._changing:
            self._changes += 1
            try:
                yield
            finally:
                self._changes -= 1

    def bind(self, session_id: str, streamlit_session: str | None) -> None:
        """Stand for a sign-in from now on."""
        self.was_bound = True  # first, because the gate looks at it from another thread
        if streamlit_session is not None:
            owners.put(streamlit_session, Owner(session_id, self.confirmed_browser, self.page))
            self.streamlit_session = streamlit_session
        self.continue_as(session_id)

    def continue_as(self, session_id: str) -> None:
        """Stand for a sign-in to which the Streamlit session belongs already."""
        self.was_bound = True
        self.session_id = session_id

    def unbind(self, *, goes_on: bool = False) -> None:
        """Stand for no sign-in: the user has signed out.

        Args:
            goes_on: Whether the run that signed out may register more.
        """
        if goes_on and self.session_id is not None:
            self.left = self.session_id  # first, because the gate looks at it from another thread
        self.session_id = None

    def spoil(self, streamlit_session: str | None) -> None:
        """Give up this Streamlit session; the page gets another one at its next message.

        Not at once, because the run that signs in has yet to draw what gives the browser its
        credential. Of the message the address is kept, for a clean run in the other Streamlit
        session. Its widget values are dropped: they belong to widgets of this one.
        """
        if streamlit_session is not None:
            owners.bury(streamlit_session)
            self.streamlit_session = streamlit_session
        self.spoiled = True

    def end(self, session_id: str) -> None:
        """Note that a sign-in was revoked or has expired.

        Call it on the event loop that serves the connection.
        """
        self.ended_session = session_id
        self.ended.set()


class Connections:
    """The open connections of this process, by id."""

    def __init__(self) -> None:
        self._open: dict[str, Connection] = {}

    def __len__(self) -> int:
        """Return the number of open connections."""
        return len(self._open)

    def open(
        self,
        *,
        base_path: str,
        browser: str | None = None,
        peer: str | None = None,
        app: int | None = None,
    ) -> Connection:
        """Register a new connection."""
        connection = Connection(new_secret(), base_path, browser, app, peer=peer)
        self._open[connection.id] = connection
        return connection

    def close(self, connection: Connection) -> None:
        """Forget a connection."""
        self._open.pop(connection.id, None)

    def get(self, connection_id: str | None) -> Connection | None:
        """Return the open connection of this id, or None."""
        return self._open.get(connection_id or "")

    def all(self) -> list[Connection]:
        """Return the open connections."""
        return list(self._open.values())

    def find(self, ticket: str) -> Connection | None:
        """Return the open connection whose page has a ticket."""
        return next((one for one in self.all() if one.ticket == ticket), None)

    def bound(self) -> list[Connection]:
        """Return the open connections that stand for a sign-in."""
        return [connection for connection in self.all() if connection.session_id]


connections: Final = Connections()
"""Of this process: Streamlit runs its scripts in the process that holds their connections."""
