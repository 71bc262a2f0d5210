"""The WebSocket connections our middleware has let through, and whose they are."""

from asyncio import Event
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import Final

from streamlit_persistauth.core.secrets import new_secret

HEADER: Final = "X-Persistauth-Connection"
"""Written into the handshake by our middleware, so that a script run can tell its connection."""
MAX_OWNERS: Final = 100_000
"""Streamlit sessions whose owner is remembered; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Owner:
    """Who a Streamlit session belongs to: a sign-in, and the browser it was proven from."""

    session_id: str
    browser: str | None = field(repr=False)


@dataclass(eq=False, slots=True)
class Connection:
    """One WebSocket connection of a browser.

    Attributes:
        id: A secret of this process.
        base_path: What stands before `/persistauth/` in the address of our routes.
        browser: The browser's own cookie, if it has one.
        app: Identifies whose middleware let it through.
        session_id: The sign-in that this connection stands for; set and cleared by script runs.
        locked: Whether that has ended, and the page has not yet been told.
        ended: Set when it is found to have ended.
        ticket: For which its page gets a new value for the browser's cookie, if it is to.
        changed_to: The value that was given for the ticket.
    """

    id: str
    base_path: str
    browser: str | None = field(default=None, repr=False)
    app: int | None = None
    session_id: str | None = None
    locked: bool = False
    ended: Event = field(default_factory=Event)
    ticket: str | None = field(default=None, repr=False)
    changed_to: str | None = field(default=None, repr=False)

    def bind(self, session_id: str, streamlit_session: str | None) -> None:
        """Stand for a sign-in from now on."""
        self.session_id = session_id
        self.locked = False
        if streamlit_session is not None:
            owners.put(streamlit_session, Owner(session_id, self.browser))

    def unbind(self) -> None:
        """Stand for nobody: whoever it was has signed out, or has been told that it ended."""
        self.session_id = None
        self.locked = False


class Connections:
    """The open connections of this process, by id."""

    def __init__(self) -> None:
        """Begin with none."""
        self._open: dict[str, Connection] = {}

    def __len__(self) -> int:
        """Return how many are open."""
        return len(self._open)

    def open(
        self, *, base_path: str, browser: str | None = None, app: int | None = None
    ) -> Connection:
        """Register a new connection."""
        connection = Connection(new_secret(), base_path, browser, app)
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


class Owners:
    """Whose the Streamlit sessions of this process are."""

    def __init__(self) -> None:
        """Begin with none."""
        self._owners: OrderedDict[str, Owner] = OrderedDict()

    def put(self, streamlit_session: str, owner: Owner) -> None:
        """Remember whose a Streamlit session is now."""
        self._owners[streamlit_session] = owner
        self._owners.move_to_end(streamlit_session)
        if len(self._owners) > MAX_OWNERS:
            self._owners.popitem(last=False)

    def get(self, streamlit_session: str) -> Owner | None:
        """Return whose a Streamlit session is, or None: nobody was signed in there."""
        return self._owners.get(streamlit_session)

    def rename_browser(self, held: str, session_id: str | None, value: str) -> None:
        """Have the owners from a browser, and those of a sign-in, known by another cookie."""
        for streamlit_session, owner in list(self._owners.items()):
            if owner.browser == held or owner.session_id == session_id:
                self._owners[streamlit_session] = replace(owner, browser=value)


connections: Final = Connections()
"""Of this process: Streamlit runs its scripts in the process that holds their connections."""
owners: Final = Owners()
"""Of this process, for the same reason."""
