"""The state of a visitor in one Streamlit session."""

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
    """Something that the page has to do so that the browser keeps or deletes a credential."""

    @property
    def lasts(self) -> bool:
        """Whether it is drawn at every run, and not only until the page has finished it."""
        ...

    def draw(self) -> bool:
        """Draw the invisible element that does it; drawing it again has no further effect.

        Returns:
            Whether the page has reported a failure: its browser has not kept the credential.
        """
        ...


@dataclass(slots=True)
class ScheduledTask:
    """A task for the page of one browser, and no other, because it may hold a credential.

    Attributes:
        task: The task.
        connection_id: The connection on which it is drawn. The same browser may come back on
            another one if the first is lost.
        browser: The fingerprint of the browser, if it is known.
        until: How long it is drawn there; None before it has been drawn, or if it lasts.
    """

    task: PageTask = field(repr=False)
    connection_id: str | None = field(repr=False)
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
    """A page's message to the other tabs of its browser: its sign-in, or that it has none."""

    session_id: str | None
    connection_id: str | None = field(repr=False)
    until: datetime


@dataclass(slots=True)
class Question:
    """The question to the browser on one connection: what it keeps.

    Attributes:
        id: Of the question; the answer names it.
        connection_id: The connection on which it was asked.
        since: When it was asked.
        answered: Whether there is an answer.
        keeps_cookies: Whether the browser keeps cookies; True until it answers.
        keeps_items: Whether it keeps items in its local storage; True until it answers.
    """

    id: str
    connection_id: str = field(repr=False)
    since: datetime
    answered: bool = False
    keeps_cookies: bool = True
    keeps_items: bool = True


@dataclass(frozen=True, slots=True)
class UrlToken:
    """The token that stands for a sign-in in the address of the page.

    Attributes:
        text: Of the token.
        renew_at: When the page gets the next one.
    """

    text: str = field(repr=False)
    renew_at: datetime


@dataclass(frozen=True, slots=True)
class Origin:
    """The connection on which something was proven or presented, and its browser.

    A client that presents the id of a Streamlit session on a new connection can take it over; so
    the Streamlit session alone proves nothing. A browser that lost its connection for a moment
    presents its own cookie again.

    Attributes:
        connection_id: Of the connection.
        browser: The fingerprint of the browser's cookie, or None.
    """

    connection_id: str | None = field(repr=False)
    browser: str | None = field(repr=False)

    @classmethod
    def of(cls, connection_id: str | None, browser: str | None) -> "Origin":
        """Return the origin for a connection, and the browser with this cookie."""
        return cls(connection_id, fingerprint(browser) if browser else None)

    def matches(self, other: "Origin") -> bool:
        """Return whether the other one is the same connection, or the same browser."""
        here = self.connection_id == other.connection_id
        return here or (self.browser is not None and self.browser == other.browser)


@dataclass(frozen=True, slots=True)
class LinkArrival:
    """A link from a mail that was opened: its token, its purpose, and where it was opened."""

    purpose: TokenType
    token: str = field(repr=False)
    origin: Origin


@dataclass(slots=True)
class VisitorState:
    """The state of one Streamlit session for one app, kept on the server.

    Attributes:
        app: Identifies the app.
        connection_id: The connection on which the user signed in.
        browser: The fingerprint of the browser that did, if it is known.
        session_id: The sign-in.
        owner: The user whose page this is; what it leaves is wiped for the next user.
        task: What the page on one connection still has to do, and until when.
        notice: The message of the page on one connection to other tabs, and until when it is drawn.
        welcomed: The sign-in that has been welcomed back.
        refused_on: The connection whose invalid credential has been handled.
        arrival: The link from a mail that opened the page; it has left the address bar.
        question: The question to the browser.
        not_kept: Whether the page still has to report that the browser keeps nothing.
        url_token: The token of the sign-in in the address of the page.
        url_tokens_read: Fingerprints of tokens that were used here; the page may send them again.
        address_read_on: The connection on which the address has been read.
        max_ages: The age after which guards require the password again, by page
            (`reauthentication`).
    """

    app: int | None = None
    connection_id: str | None = field(default=None, repr=False)
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
        """Return the state of this Streamlit session for an app."""
        visitor: VisitorState = OwnState.current().visits.setdefault(app, cls())
        return visitor

    def take_link(self, origin: Origin) -> LinkArrival | None:
        """Return the link from a mail that was opened here, now or earlier.

        It is removed from the address bar. A link that another browser has opened in this Streamlit
        session is not returned.
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
        """Return whether this is the state for an app; the first caller gets it."""
        if self.app is None:
            self.app = app
        return self.app == app

    def remember_max_age(self, pages: Collection[str], max_age: timedelta | None) -> None:
        """Remember the `max_age` of a guard under these names of its page; None to forget it."""
        for page in pages:
            self.max_ages.pop(page, None)
        if max_age is not None:
            self.max_ages |= dict.fromkeys(pages, max_age)

    def drop_question(self) -> None:
        """Ignore the answer of the browser: what it kept before does not matter any more."""
        if self.question is not None:
            self.question.answered = True

    def bind(self, connection_id: str | None, browser: str | None, session_id: str) -> None:
        """Remember that a user signed in on this connection, from this browser."""
        origin = Origin.of(connection_id, browser)
        self.connection_id, self.browser = origin.connection_id, origin.browser
        self.session_id = session_id

    def session_on(self, connection_id: str | None, browser: str | None) -> str | None:
        """Return the sign-in that began on this connection, or from this browser."""
        proven = Origin(self.connection_id, self.browser)
        return self.session_id if proven.matches(Origin.of(connection_id, browser)) else None

    def unbind(self) -> None:
        """Forget the sign-in."""
        self.connection_id = None
        self.browser = None
        self.session_id = None
