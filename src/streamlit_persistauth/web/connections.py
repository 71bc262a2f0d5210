"""The WebSocket connections our middleware has let through."""

from dataclasses import dataclass
from typing import Final

from streamlit_persistauth.core.secrets import new_secret

HEADER: Final = "X-Persistauth-Connection"
"""Written into the handshake by our middleware, so that a script run can tell its connection."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One WebSocket connection of a browser.

    Attributes:
        id: A secret of this process.
        base_path: What stands before `/persistauth/` in the address of our routes.
    """

    id: str
    base_path: str


class Connections:
    """The open connections of this process, by id."""

    def __init__(self) -> None:
        """Begin with none."""
        self._open: dict[str, Connection] = {}

    def open(self, *, base_path: str) -> Connection:
        """Register a new connection."""
        connection = Connection(new_secret(), base_path)
        self._open[connection.id] = connection
        return connection

    def close(self, connection: Connection) -> None:
        """Forget a connection."""
        self._open.pop(connection.id, None)

    def get(self, connection_id: str | None) -> Connection | None:
        """Return the open connection of this id, or None: the id is not one of ours."""
        return self._open.get(connection_id or "")


connections: Final = Connections()
"""Of this process: Streamlit runs its scripts in the process that holds their connections."""
