"""What one Streamlit session remembers of its visitor."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import streamlit as st

from streamlit_persistauth.core.accounts.mails import LINK_PARAMETERS
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.storage.records import TokenType
from streamlit_persistauth.core.text.measure import MAX_DETAIL, shorten
from streamlit_persistauth.runtime.own_state import OwnState


class PageTask(Protocol):
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
class ScheduledTask:
    """An errand for the page of one browser; it may hold a credential, so for no other.

    Attributes:
        task: What is to be done.
        connection_id: The connection on which it is drawn. The same browser may come back on
            another one, because the first broke.
        browser: The fingerprint of the browser, if it can be told.
        until: How long it is drawn there; unset before it has been drawn, or if it lasts.
    """

    task: PageTask = field(repr=False)
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
class UrlToken:
    """What stands for a sign-in in the address of the page.

    Attributes:
        text: Of the handle.
        renew_at: When the page is to get a fresh one.
    """

    text: str = field(repr=False)
    renew_at: datetime


@dataclass(frozen=True, slots=True)
class Origin:
    """The connection that something was proven or brought on, and its browser.

    A Streamlit session can be taken over by a client that presents its id on a new connection; so
    the Streamlit session alone proves nothing. A browser that lost its connection for a moment
    presents its own cookie again.

    Attributes:
        connection_id: Of the connection.
        browser: The fingerprint of the browser's cookie, or None.
    """

    connection_id: str | None
    browser: str | None = field(repr=False)

    @classmethod
    def of(cls, connection_id: str | None, browser: str | None) -> "Origin":
        """Return the origin of what comes over a connection, from a browser with this cookie."""
        return cls(connection_id, fingerprint(browser) if browser else None)

    def matches(self, other: "Origin") -> bool:
        """Return whether the other one is this very connection, or the same browser."""
        here = self.connection_id == other.connection_id
        return here or (self.browser is not None and self.browser == other.browser)


@dataclass(frozen=True, slots=True)
class LinkArrival:
    """What a link from a mail brought: a token, what it is for, and where it was opened."""

    purpose: TokenType
    token: str = field(repr=False)
    origin: Origin


@dataclass(slots=True)
class VisitorState:
    """The state of one Streamlit session, kept on the server.

    Attributes:
        app: Identifies the app that it is a visit to.
        connection_id: The connection on which a password was proven.
        browser: The browser that it came from, if that can be told.
        session_id: The sign-in that it began.
        owner: The user whose page this is; what they leave is for nobody else.
        task: What the page on one connection still has to do, and until when.
        notice: What the page on one connection tells other tabs, and until when it is drawn.
        welcomed: The sign-in whose return has been greeted.
        refused_on: The connection whose bad credential has been dealt with.
        arrival: What a link from a mail brought; it has left the address bar.
        question: What the browser has been asked for.
        not_kept: Whether the person is still to be told that their browser keeps nothing.
        url_token: What stands for the sign-in in the address of the page.
        url_tokens_read: Fingerprints of handles that were spent here; the page may send them again.
        address_read_on: The connection on which the address has been read.
        max_ages: After how long guards ask for the password again, by page (`reauthentication`).
    """

    app: int | None = None
    connection_id: str | None = None
    browser: str | None = field(default=None, repr=False)
    session_id: str | None = None
    owner: str | None = None
    task: ScheduledTask | None = None
    notice: Notice | None = None
    welcomed: str | None = None
    refused_on: str | None = None
    arrival: LinkArrival | None = field(default=None, repr=False)
    question: Question | None = None
    not_kept: bool = False
    url_token: UrlToken | None = None
    url_tokens_read: set[str] = field(default_factory=set)
    address_read_on: str | None = None
    max_ages: dict[str, timedelta] = field(default_factory=dict)

    @classmethod
    def current(cls, app: str) -> "VisitorState":
        """Return the visit of this Streamlit session to an app."""
        visitor: VisitorState = OwnState.current().visits.setdefault(app, cls())
        return visitor

    def take_link(self, origin: Origin) -> LinkArrival | None:
        """Return what a link from a mail brought here, now or earlier; it leaves the address bar.

        What another browser brought to this Streamlit session is not returned.
        """
        sent = set(st.query_params)
        for purpose, parameter in LINK_PARAMETERS.items():
            if parameter in sent:
                token = shorten(st.query_params[parameter], MAX_DETAIL)
                self.arrival = LinkArrival(purpose, token, origin)
                del st.query_params[parameter]
        arrival = self.arrival
        return arrival if arrival is not None and arrival.origin.matches(origin) else None

    def belongs_to(self, app: int) -> bool:
        """Return whether this is a visit to an app; the first that asks has it."""
        if self.app is None:
            self.app = app
        return self.app == app

    def remember_max_age(self, pages: Collection[str], max_age: timedelta | None) -> None:
        """Remember what a guard has asked for under these names of its page; None for nothing."""
        for page in pages:
            self.max_ages.pop(page, None)
        if max_age is not None:
            self.max_ages |= dict.fromkeys(pages, max_age)

    def drop_question(self) -> None:
        """Accept no more answer: what the browser kept before is not asked for any more."""
        if self.question is not None:
            self.question.answered = True

    def bind(self, connection_id: str | None, browser: str | None, session_id: str) -> None:
        """Remember that a sign-in was proven on this connection, from this browser."""
        origin = Origin.of(connection_id, browser)
        self.connection_id, self.browser = origin.connection_id, origin.browser
        self.session_id = session_id

    def session_on(self, connection_id: str | None, browser: str | None) -> str | None:
        """Return the sign-in that was proven on this very connection, or from this browser."""
        proven = Origin(self.connection_id, self.browser)
        return self.session_id if proven.matches(Origin.of(connection_id, browser)) else None

    def unbind(self) -> None:
        """Forget the sign-in."""
        self.connection_id = None
        self.browser = None
        self.session_id = None
