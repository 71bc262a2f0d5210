"""The list of events: its filter, its table and the names of event types."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import streamlit as st

from streamlit_persistauth.core.audit.event_limit import MORE
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.storage.records import EventRecord
from streamlit_persistauth.runtime.own_state import page_values
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.elements import draw_button
from streamlit_persistauth.ui.plain_text import one_line
from streamlit_persistauth.ui.relative_times import absolute
from streamlit_persistauth.ui.translator import Translator

NAMES: Final[Mapping[str, Text]] = {
    EventType.LOGIN: Text("Signed in"),
    EventType.LOGIN_FAILED: Text("Sign-in failed"),
    EventType.THROTTLED: Text("Throttled"),
    EventType.LOGOUT: Text("Signed out"),
    EventType.SESSION_RENEWED: Text("Credential renewed"),
    EventType.REUSE_DETECTED: Text("Reused credential detected"),
    EventType.SESSIONS_REVOKED: Text("Sessions revoked"),
    EventType.TOKEN_REFUSED: Text("Credential rejected"),
    EventType.LINK_REFUSED: Text("Link rejected"),
    EventType.ACCESS_DENIED: Text("Access denied"),
    EventType.REGISTERED: Text("Account created"),
    EventType.REGISTRATION_REFUSED: Text("Registration rejected"),
    EventType.SETUP_CODE_REFUSED: Text("Set-up code rejected"),
    EventType.INVITED: Text("User invited"),
    EventType.EMAIL_CONFIRMED: Text("Email confirmed"),
    EventType.EMAIL_CHANGE_REQUESTED: Text("Email change requested"),
    EventType.EMAIL_CHANGED: Text("Email changed"),
    EventType.EMAIL_CHANGE_REFUSED: Text("Email change rejected"),
    EventType.PROFILE_CHANGED: Text("Name changed"),
    EventType.USERNAME_CHANGED: Text("Username changed"),
    EventType.USERNAME_REQUESTED: Text("Username requested"),
    EventType.PASSWORD_CHANGED: Text("Password changed"),
    EventType.PASSWORD_RESET_REQUESTED: Text("Password reset requested"),
    EventType.PASSWORD_RESET: Text("Password reset"),
    EventType.DAMAGED_HASH: Text("Stored password unreadable"),
    EventType.USER_DISABLED: Text("Account disabled"),
    EventType.USER_ENABLED: Text("Account enabled"),
    EventType.USER_DELETED: Text("Account deleted"),
    EventType.ROLES_CHANGED: Text("Roles changed"),
    EventType.EVENTS_EXPORTED: Text("Events exported"),
    EventType.MAIL_FAILED: Text("Email not sent"),
}
PERIODS: Final[dict[timedelta | None, Text]] = {
    timedelta(days=1): Text("Last 24 hours"),
    timedelta(days=7): Text("Last 7 days"),
    timedelta(days=30): Text("Last 30 days"),
    None: Text("Any time"),
}


def event_name(kind: str, t: Translator) -> str:
    """Return the name of an event type; an unknown type is returned as plain text."""
    name = NAMES.get(kind)
    return one_line(kind) if name is None else t.text(name)


def event_details(event: EventRecord, t: Translator) -> str:
    """Return the details of an event; for a summary row, the number of events in words."""
    number = event.details.get(MORE, "")
    if number.isdecimal():
        return t.text("{n} more within a minute", n=int(number))
    return ", ".join(f"{name}: {value}" for name, value in event.details.items())


@dataclass(frozen=True, slots=True)
class EventFilter:
    """The values of the filter.

    Attributes:
        who: An email address, a username or a user id; empty for all users.
        types: Event types; empty for all.
        since: How long ago the oldest event may be; None for any time.
    """

    who: str
    types: tuple[str, ...]
    since: timedelta | None


def draw_event_filter(*, has_usernames: bool, key: str, t: Translator) -> EventFilter:
    """Draw the filter; return its values."""
    who, kinds, period = st.columns([2, 2, 1], vertical_alignment="bottom")
    return EventFilter(
        who=who.text_input(
            **t.label("User"),
            key=widget_key(f"{key}:who"),
            placeholder=t.text("Email, username or ID" if has_usernames else "Email or ID"),
            icon=":material/person:",
        ).strip(),
        types=tuple(
            kinds.multiselect(
                **t.label("Type"),
                options=sorted(
                    (kind.value for kind in EventType), key=lambda kind: event_name(kind, t)
                ),
                key=widget_key(f"{key}:types"),
                format_func=lambda kind: event_name(kind, t),
                placeholder=t.text("All types"),
            )
        ),
        since=period.selectbox(
            **t.label("Time"),
            options=list(PERIODS),
            key=widget_key(f"{key}:period"),
            format_func=lambda i: t.name(PERIODS[i]),
        ),
    )


@dataclass(frozen=True, slots=True)
class EventPager:
    """The pages of the list, which are read from the newest event backwards.

    Attributes:
        key: The key of the list.
        size: The number of events on a page.
        asked: The filter; another one starts at the newest event.
    """

    key: str
    size: int
    asked: EventFilter

    @property
    def before(self) -> EventRecord | None:
        """The last event of the previous page; None on the first page."""
        asked, before = page_values().get(self._state_key, (self.asked, None))
        return before if asked == self.asked else None

    def draw(self, events: Sequence[EventRecord], t: Translator) -> None:
        """Draw the buttons that lead to other pages, below the events of this one."""
        if self.before is not None:
            self._draw_button(t("Newest"), "newest", None)
        if len(events) == self.size:
            self._draw_button(t("Older"), "older", events[-1])

    def _draw_button(self, text: str, name: str, before: EventRecord | None) -> None:
        key = widget_key(f"{self.key}:{name}")
        draw_button(text, key=key, on_click=self._turn, args=(before,))

    def _turn(self, before: EventRecord | None) -> None:
        page_values()[self._state_key] = (self.asked, before)

    @property
    def _state_key(self) -> str:
        return f"{self.key}:before"


def draw_export(export: Callable[[], bytes], *, key: str, t: Translator) -> None:
    """Draw the button that downloads the events as CSV.

    The file is made when the button is pressed, so no file waits in the memory of the server.
    """
    st.download_button(
        t.name("Export CSV"),
        data=export,
        file_name="events.csv",
        mime="text/csv",
        key=widget_key(f"{key}:export"),
        icon=":material/download:",
        on_click="ignore",
    )


def draw_events(events: Sequence[EventRecord], names: Mapping[str, str], t: Translator) -> None:
    """Draw events as a table of plain text.

    Args:
        events: The events, from top to bottom.
        names: The usernames or email addresses of users who still exist, by user id.
        t: The texts.
    """
    rows = [
        {
            t.text("Time"): absolute(event.created_at, t),
            t.text("Type"): event_name(event.event_type, t),
            t.text("User"): one_line(names.get(event.user_id or "", event.user_id or "")),
            t.text("Details"): one_line(event_details(event, t)),
            t.text("IP address"): one_line(event.ip_address or ""),
            t.text("Browser"): one_line(event.user_agent or ""),
        }
        for event in events
    ]
    st.dataframe(rows, hide_index=True, width="stretch")
