"""The cookie that identifies a browser, and its change at each sign-in and sign-out.

Its value is `<id>.<secret>`. The id stays: a handoff code is for the browser with this id, also
if a tab was opened before the last change. The secret is new after each sign-in and sign-out.
Files and the Streamlit sessions of open pages are for a browser that presents the whole value, so
a former user of a shared browser who has kept the value gets nothing of the next user.

From a sign-in until its page has exchanged the ticket, no value of the cookie continues its
Streamlit session; the credential does.
"""

from typing import Final

from streamlit_persistauth.core.secrets import new_secret
from streamlit_persistauth.web.connections import Connection, connections
from streamlit_persistauth.web.owners import owners

SEPARATOR: Final = "."


def new_browser() -> str:
    """Return a value for a browser without the cookie."""
    return f"{new_secret()}{SEPARATOR}{new_secret()}"


def browser_id(value: str) -> str:
    """Return the part of a value that stays."""
    return value.partition(SEPARATOR)[0]


def issue_ticket(connection: Connection) -> str | None:
    """Return a ticket, which the page of a connection exchanges for a new value of the cookie.

    Call it before the connection is bound to a new sign-in.

    Returns:
        None if the browser has no such cookie, or the connection is lost, so that no page can
        present the ticket.
    """
    if connection.browser is None or connections.get(connection.id) is None:
        return None
    connection.ticket = new_secret()
    connection.ticket_value = None
    return connection.ticket


def exchange_ticket(ticket: str, held: str) -> str | None:
    """Return the new value for a browser, or None if this process has not issued the ticket.

    From now on all open pages of the browser belong to the new value: those that were opened with
    the value it presents, and those of the same sign-in, with whichever value they were opened. A
    ticket that is presented again gets the same value, in case the first answer was lost.

    Args:
        ticket: The ticket that the page presents.
        held: The value that the browser presents.
    """
    asking = connections.find(ticket)
    if asking is None or asking.browser is None or browser_id(asking.browser) != browser_id(held):
        return None
    if asking.ticket_value is None:
        asking.ticket_value = f"{browser_id(held)}{SEPARATOR}{new_secret()}"
        for connection in connections.all():
            ours = asking.session_id is not None and connection.session_id == asking.session_id
            if connection is asking or ours or connection.browser == held:
                connection.browser = asking.ticket_value
        owners.rename_browser(held, asking.session_id, asking.ticket_value)
    return asking.ticket_value
