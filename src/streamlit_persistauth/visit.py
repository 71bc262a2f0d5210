"""What one Streamlit session remembers of its visitor."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import streamlit as st

from streamlit_persistauth.core.letters import LINK_PARAMETERS
from streamlit_persistauth.core.records import TokenType
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.own_state import OwnState


class Errand(Protocol):
    """Something the page has to do for the browser to keep or lose a credential."""

    @property
    def lasts(self) -> bool:
        """Whether it is to be drawn at every run, not only until the page is done with it."""
        ...

    def draw(self) -> bool:
        """Draw the invisible element that does it; drawing it again does nothing more.

        Returns:
            Whether the page says that it was in vain: its browser has not kept what it was given.
        """
        ...


@dataclass(slots=True)
class Assignment:
    """An errand for the page of one browser; it may hold a credential, so for no other.

    Attributes:
        errand: What is to be done.
        connection_id: The connection on which it is drawn. The same browser may come back on
            another one, because the first broke.
        browser: The fingerprint of the browser, if it can be told.
        until: How long it is drawn there; unset before it has been drawn, or if it lasts.
    """

    errand: Errand = field(repr=False)
    connection_id: str | None
    browser: str | None = field(repr=False)
    until: datetime | None = None

    def follow(self, connection_id: str | None, browser: str | None) -> bool:
        """Move to the connection of a run, if it is of the same browser; return whether it is."""
        if connection_id != self.connection_id:
            if browser is None or self.browser != fingerprint(browser):
                return False
            self.connection_id, self.until = connection_id, None
        return True


@dataclass(frozen=True, slots=True)
class Notice:
    """What a page tells the other tabs of its browser: its sign-in, or that it has none."""

    session_id: str | None
    connection_id: str | None
    until: datetime


@dataclass(slots=True)
class Question:
    """What the browser on one connection has been asked for.

    Attributes:
        id: Of the question; the answer names it.
        connection_id: Where it was asked.
        since: When.
        answered: Whether it has been.
        keeps_cookies: Whether the browser keeps cookies; believed until it says no.
        keeps_items: Whether it keeps items in its local storage; the same.
    """

    id: str
    connection_id: str
    since: datetime
    answered: bool = False
    keeps_cookies: bool = True
    keeps_items: bool = True


@dataclass(frozen=True, slots=True)
class Handle:
    """What stands for a sign-in in the address of the page.

    Attributes:
        text: Of the handle.
        renew_at: When the page is to get a fresh one.
    """

    text: str = field(repr=False)
    renew_at: datetime


@dataclass(frozen=True, slots=True)
class Arrival:
    """What a link from a mail brought: a token, and what it is for."""

    purpose: TokenType
    token: str = field(repr=False)


@dataclass(slots=True)
class Visit:
    """The state of one Streamlit session, kept on the server.

    Attributes:
        connection_id: The connection on which a password was proven.
        browser: The browser that it came from, if that can be told.
        session_id: The sign-in that it began.
        owner: The user whose page this is; what they leave is for nobody else.
        errand: What the page on one connection still has to do, and until when.
        notice: What the page on one connection tells other tabs, and until when it is drawn.
        welcomed: The sign-in whose return has been greeted.
        refused_on: The connection whose bad credential has been dealt with.
        arrival: What a link from a mail brought; it has left the address bar.
        question: What the browser has been asked for.
        not_kept: Whether the person is still to be told that their browser keeps nothing.
        handle: What stands for the sign-in in the address of the page.
        handles_read: Fingerprints of handles that were spent here; the page may send them again.
        address_read_on: The connection on which the address has been read.
        max_age: After how long the guard of the page asks for the password again, if it does.
    """

    connection_id: str | None = None
    browser: str | None = field(default=None, repr=False)
    session_id: str | None = None
    owner: str | None = None
    errand: Assignment | None = None
    notice: Notice | None = None
    welcomed: str | None = None
    refused_on: str | None = None
    arrival: Arrival | None = field(default=None, repr=False)
    question: Question | None = None
    not_kept: bool = False
    handle: Handle | None = None
    handles_read: set[str] = field(default_factory=set)
    address_read_on: str | None = None
    max_age: timedelta | None = None

    @classmethod
    def current(cls, app: str) -> "Visit":
        """Return the visit of this Streamlit session to an app."""
        visit: Visit = OwnState.current().visits.setdefault(app, cls())
        return visit

    def take_link(self) -> Arrival | None:
        """Return what a link from a mail brought, now or earlier; it leaves the address bar."""
        for purpose, parameter in LINK_PARAMETERS.items():
            if parameter in st.query_params:
                self.arrival = Arrival(purpose, st.query_params[parameter])
                del st.query_params[parameter]
        return self.arrival

    def drop_question(self) -> None:
        """Have no more answer count: what the browser kept before is not asked for any more."""
        if self.question is not None:
            self.question.answered = True

    def bind(self, connection_id: str | None, browser: str | None, session_id: str) -> None:
        """Remember that a sign-in was proven on this connection, from this browser."""
        self.connection_id = connection_id
        self.browser = fingerprint(browser) if browser else None
        self.session_id = session_id

    def session_on(self, connection_id: str | None, browser: str | None) -> str | None:
        """Return the sign-in that was proven on this very connection, or from this browser.

        A Streamlit session can be taken over by whoever presents its id on a new connection; so
        the Streamlit session alone proves nothing. A browser that lost its connection for a moment
        presents its own cookie again.
        """
        here = self.connection_id == connection_id
        known = self.browser is not None and self.browser == fingerprint(browser or "")
        return self.session_id if here or known else None

    def unbind(self) -> None:
        """Forget the sign-in."""
        self.connection_id = None
        self.browser = None
        self.session_id = None
