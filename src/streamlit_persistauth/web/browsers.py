"""The cookie by which a browser is known again, and its change at each sign-in and sign-out.

Its value is `<id>.<secret>`. The id stays: a handoff code is for the browser with this id, also
where a tab was opened before the last change. The secret is new after each sign-in and sign-out:
files and the Streamlit sessions of open pages are for a browser that presents the whole value, so
a former user of a shared browser who has kept it gets nothing of the next one.
"""

from typing import Final

from streamlit_persistauth.core.secrets import new_secret
from streamlit_persistauth.web.connections import Connection, connections, owners

SEPARATOR: Final = "."


def new_browser() -> str:
    """Return a value for a browser that has none."""
    return f"{new_secret()}{SEPARATOR}{new_secret()}"


def browser_id(value: str) -> str:
    """Return the part of a value that stays."""
    return value.partition(SEPARATOR)[0]


def request_change(connection: Connection) -> str:
    """Return the ticket for which the page on a connection gets a new value for its browser."""
    connection.ticket = new_secret()
    connection.changed_to = None
    return connection.ticket


def change(ticket: str, held: str) -> str | None:
    """Return the new value for a browser; None where this process has issued no such ticket.

    All open pages of the browser are known by the new value from now on: those known by the value
    it presents, and those of the sign-in of the page that asks, under whichever value they were
    opened. A ticket that is brought again gets the same value, in case the first answer was lost.

    Args:
        ticket: What the page brings.
        held: The value that the browser presents.
    """
    asking = connections.find(ticket)
    if asking is None or asking.browser is None or browser_id(asking.browser) != browser_id(held):
        return None
    if asking.changed_to is None:
        asking.changed_to = f"{browser_id(held)}{SEPARATOR}{new_secret()}"
        for connection in connections.all():
            ours = asking.session_id is not None and connection.session_id == asking.session_id
            if connection is asking or ours or connection.browser == held:
                connection.browser = asking.changed_to
        owners.rename_browser(held, asking.session_id, asking.changed_to)
    return asking.changed_to
