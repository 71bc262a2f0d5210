"""The WebSocket connections our middleware has let through, and whose they are."""

from asyncio import Event
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import RLock
from typing import Final

from streamlit_persistauth.core.secrets import new_secret
from streamlit_persistauth.web.messages import PageAddress

HEADER: Final = "X-Persistauth-Connection"
"""Written into the handshake by our middleware, so that a script run can tell its connection."""
MAX_OWNERS: Final = 100_000
"""Streamlit sessions whose owner is remembered; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Owner:
    """To whom a Streamlit session belongs.

    Attributes:
        session_id: The sign-in.
        browser: The browser it was proven from, if that is known.
        page: Where its page is.
    """

    session_id: str
    browser: str | None = field(repr=False)
    page: PageAddress = field(default_factory=PageAddress, repr=False)


@dataclass(eq=False, slots=True)
class Connection:
    """One connection of a browser to one Streamlit session.

    Attributes:
        id: A secret of this process.
        base_path: What stands before `/persistauth/` in the address of our routes.
        browser: The browser's own cookie, if it has one.
        app: Identifies whose middleware let it through.
        page: Where the page is.
        session_id: The sign-in that this connection stands for; set and cleared by script runs.
        streamlit_session: The Streamlit session, as soon as it is known.
        left: The sign-in that was ended by a run that may go on, because the app catches what
            signing out raises. What it registers since then is not wiped yet.
        was_bound: Whether it has ever stood for a sign-in.
        follows_end: Whether it stands in the place of one whose sign-in has ended.
        spoiled: Whether its Streamlit session could not be wiped, so that it may not be used.
        ended: Set when a sign-in is found to have ended.
        ended_session: That sign-in.
        peer: The address at the other end, where it is known.
        ticket: For which its page gets a new value for the browser's cookie, if it is to.
        changed_to: The value that was given for the ticket.
    """

    id: str
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
    changed_to: str | None = field(default=None, repr=False)
    _changing: RLock = field(default_factory=RLock, repr=False)
    _changes: int = 0

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

    def wait_until_changed(self) -> None:
        """Wait until no other thread is replacing the sign-in."""
        with self._changing:
            pass

    def bind(self, session_id: str, streamlit_session: str | None) -> None:
        """Stand for a sign-in from now on."""
        self.was_bound = True  # first, because the gate looks at it from another thread
        if streamlit_session is not None:
            owners.put(streamlit_session, Owner(session_id, self.browser, self.page))
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
        """Give up this Streamlit session; the page gets another one at its next message."""
        if streamlit_session is not None:
            owners.bury(streamlit_session)
            self.streamlit_session = streamlit_session
        self.spoiled = True

    def end(self, session_id: str) -> None:
        """Take note that a sign-in has ended. Call it on the loop that serves the connection."""
        self.ended_session = session_id
        self.ended.set()


class Connections:
    """The open connections of this process, by id."""

    def __init__(self) -> None:
        """Begin with none."""
        self._open: dict[str, Connection] = {}

    def __len__(self) -> int:
        """Return how many are open."""
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
        """Return the open connection of this id, or None: the id is not one of ours."""
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


@dataclass(slots=True)
class Dead:
    """A Streamlit session whose sign-in has ended.

    Attributes:
        owner: To whom it belonged, if that is known.
        successor: The Streamlit session that its page has instead, as soon as there is one.
    """

    owner: Owner | None
    successor: str | None = None


class Owners:
    """To whom the Streamlit sessions of this process belong.

    A Streamlit session keeps its last owner: after the end of that sign-in it is dead, and no
    connection continues it.
    """

    def __init__(self, limit: int = MAX_OWNERS) -> None:
        """Begin with none."""
        self._owners: OrderedDict[str, Owner] = OrderedDict()
        self._dead: OrderedDict[str, Dead] = OrderedDict()
        self._limit = limit
        self.is_complete = True
        """Whether no owner has been forgotten yet."""

    def put(self, streamlit_session: str, owner: Owner) -> None:
        """Remember to whom a Streamlit session belongs now; a dead one stays dead."""
        if streamlit_session in self._dead:
            return
        self._owners[streamlit_session] = owner
        self._owners.move_to_end(streamlit_session)
        if len(self._owners) > self._limit:
            self._owners.popitem(last=False)
            self.is_complete = False

    def get(self, streamlit_session: str) -> Owner | None:
        """Return to whom a Streamlit session belongs, or None: no user has signed in there."""
        return self._owners.get(streamlit_session)

    def retire(self, streamlit_session: str, session_id: str) -> bool:
        """Declare a Streamlit session dead, because this sign-in has ended.

        Returns:
            Whether it was: by now it may belong to another sign-in.
        """
        owner = self._owners.get(streamlit_session)
        if owner is None or owner.session_id != session_id:
            return False
        self.bury(streamlit_session)
        return True

    def bury(self, streamlit_session: str) -> None:
        """Declare a Streamlit session dead, with or without an owner."""
        self._dead[streamlit_session] = Dead(self._owners.pop(streamlit_session, None))
        if len(self._dead) > self._limit:
            self._dead.popitem(last=False)
            self.is_complete = False

    def replace(self, streamlit_session: str, successor: str) -> None:
        """Remember which Streamlit session the page of a dead one has instead."""
        if streamlit_session in self._dead:
            self._dead[streamlit_session].successor = successor

    def living(self, streamlit_session: str) -> str | None:
        """Return a Streamlit session, or the one that its page has instead; None if it is dead."""
        found: str | None = streamlit_session
        while found is not None and found in self._dead:
            found = self._dead[found].successor
        return found

    def former(self, streamlit_session: str) -> Owner | None:
        """Return to whom a dead Streamlit session belonged, or None."""
        dead = self._dead.get(streamlit_session)
        return dead.owner if dead else None

    def rename_browser(self, held: str, session_id: str | None, value: str) -> None:
        """Have the owners from a browser, and those of a sign-in, known by another cookie."""
        for streamlit_session, owner in list(self._owners.items()):
            if owner.browser == held or owner.session_id == session_id:
                self._owners[streamlit_session] = replace(owner, browser=value)


connections: Final = Connections()
"""Of this process: Streamlit runs its scripts in the process that holds their connections."""
owners: Final = Owners()
"""Of this process, for the same reason."""
