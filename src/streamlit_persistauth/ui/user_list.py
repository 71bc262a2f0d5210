"""How the pieces of the administration look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from streamlit_persistauth.core.accounts.roles import ADMIN
from streamlit_persistauth.core.devices import device_of
from streamlit_persistauth.core.storage.queries import (
    Status,
    UserQuery,
    UserSort,
    status_of,
)
from streamlit_persistauth.core.storage.records import EventRecord, UserRecord
from streamlit_persistauth.models import Session
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.device_list import device_name
from streamlit_persistauth.ui.events import event_details, event_name
from streamlit_persistauth.ui.moments import absolute, relative
from streamlit_persistauth.ui.plain import Markdown, one_line, plain
from streamlit_persistauth.ui.small import draw_small
from streamlit_persistauth.ui.texts import draw_button
from streamlit_persistauth.ui.translator import Translator

STATUSES: Final[dict[Status, tuple[Text, str]]] = {
    "active": (Text("Active"), "green"),
    "disabled": (Text("Disabled"), "red"),
    "pending": (Text("Pending"), "orange"),
}
"""What they are called, and in which colour."""
ORDERS: Final[dict[tuple[UserSort, bool], Text]] = {
    ("email", False): Text("Email"),
    ("full_name", False): Text("Name"),
    ("created_at", True): Text("Newest first"),
    ("last_login_at", True): Text("Last sign-in"),
}
ROLES_SHOWN: Final = 4
"""A line is narrow."""


def draw_user_search(key: str, t: Translator) -> UserQuery:
    """Draw what asks for accounts, and return what is asked."""
    search, role, status, order = st.columns([5, 3, 3, 4], vertical_alignment="bottom")
    text = search.text_input(
        **t.label("Search"),
        key=widget_key(f"{key}:text"),
        placeholder=t.text("Name or email"),
        icon=":material/search:",
    )
    name = role.text_input(
        **t.label("Role"), key=widget_key(f"{key}:role"), placeholder=t.text("All")
    )
    wanted = status.selectbox(
        **t.label("Status"),
        options=(None, *STATUSES),
        key=widget_key(f"{key}:status"),
        format_func=lambda item: t.name(STATUSES[item][0]) if item else t.name("All"),
    )
    orders: list[tuple[UserSort, bool]] = list(ORDERS)
    sort, descending = (
        order.selectbox(
            **t.label("Sort by"),
            options=orders,
            key=widget_key(f"{key}:order"),
            format_func=lambda item: t.name(ORDERS[item]),
        )
        or orders[0]
    )
    return UserQuery(
        text.strip(),
        role=name.strip() or None,
        status=wanted,
        sort=sort,
        descending=descending,
    )


def draw_user(record: UserRecord, *, key: str, t: Translator, now: datetime) -> bool:
    """Draw one account as a line; return whether it is to be managed."""
    user = record.user
    with st.container(horizontal=True, vertical_alignment="center", border=True, gap="small"):
        draw_identity(record, t, now=now)
        with st.container(horizontal=True, width="content", gap="xsmall"):
            draw_badges(record, t)
        return st.button(
            t.name("Manage"),
            key=widget_key(f"{key}:{user.id}"),
            help=t("Manage {email}", email=user.email),
        )


def draw_identity(record: UserRecord, t: Translator, *, now: datetime) -> None:
    """Draw what an account is called, its address, and when its owner last signed in."""
    with st.container(gap=None, width="stretch"):
        st.markdown(f"**{name_of(record)}**")
        draw_small(f"{plain(record.user.email)} · {last_seen(record, t, now=now)}")


def draw_badges(record: UserRecord, t: Translator) -> None:
    """Draw what is to be known at a glance: the status if it is special, and the roles."""
    status = status_of(record)
    if status != "active":
        label, color = STATUSES[status]
        _draw_badge(t(label), color)
    for role in record.user.roles[:ROLES_SHOWN]:
        _draw_badge(plain(role, limit=30), "blue" if role == ADMIN else "gray")
    hidden = len(record.user.roles) - ROLES_SHOWN
    if hidden > 0:
        _draw_badge(plain(f"+{hidden}"), "gray")


def _draw_badge(label: Markdown, color: str) -> None:
    """Draw a badge. `st.badge` would escape what is escaped already."""
    st.markdown(f":{color}-badge[{label}]", width="content")


def name_of(record: UserRecord) -> Markdown:
    """Return what an account is called; its address where it has no name."""
    return plain(record.user.full_name.strip() or record.user.email)


def last_seen(record: UserRecord, t: Translator, *, now: datetime) -> str:
    """Return when somebody last signed in, in words."""
    moment = record.user.last_login_at
    if moment is None:
        return t("never signed in")
    return t("signed in {when}", when=relative(moment, t, now=now))


def draw_session(
    session: Session, owner: UserRecord | None, *, own: bool, key: str, t: Translator, now: datetime
) -> bool:
    """Draw one sign-in as a line; return whether it is to end."""
    with st.container(horizontal=True, vertical_alignment="center", border=True, gap="small"):
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{name_of(owner) if owner else t('Unknown account')}**")
            draw_small(_describe(session, owner, t, now=now))
        if own:
            _draw_badge(t("You"), "green")
        return draw_button(t("Sign out"), key=widget_key(f"{key}:{session.id}"))


def _describe(session: Session, owner: UserRecord | None, t: Translator, *, now: datetime) -> str:
    parts = [
        plain(owner.user.email) if owner else "",
        device_name(device_of(session.user_agent), t),
        plain(session.ip_address or ""),
        t("signed in {when}", when=relative(session.created_at, t, now=now)),
    ]
    return " · ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class EventFilter:
    """What is asked of the events."""

    who: str
    types: tuple[str, ...]
    since: timedelta | None


PERIODS: Final[dict[timedelta | None, Text]] = {
    timedelta(days=1): Text("Last 24 hours"),
    timedelta(days=7): Text("Last 7 days"),
    timedelta(days=30): Text("Last 30 days"),
    None: Text("Any time"),
}


def draw_event_filter(types: Sequence[str], *, key: str, t: Translator) -> EventFilter:
    """Draw what asks for events, and return what is asked."""
    who, kinds, period = st.columns([2, 2, 1], vertical_alignment="bottom")
    return EventFilter(
        who=who.text_input(
            **t.label("User"),
            key=widget_key(f"{key}:who"),
            placeholder=t.text("Email or id"),
            icon=":material/person:",
        ).strip(),
        types=tuple(
            kinds.multiselect(
                **t.label("Type"),
                options=sorted(types, key=lambda kind: event_name(kind, t)),
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


def draw_events(events: Sequence[EventRecord], emails: Mapping[str, str], t: Translator) -> None:
    """Draw events as a table. Its cells are text, whatever is in them.

    Args:
        events: From top to bottom.
        emails: The addresses of those users who are still there, by their ids.
        t: The texts.
    """
    rows = [
        {
            t.text("Time"): absolute(event.created_at, t),
            t.text("Type"): event_name(event.event_type, t),
            t.text("User"): one_line(emails.get(event.user_id or "", event.user_id or "")),
            t.text("Details"): one_line(event_details(event, t)),
            t.text("Address"): one_line(event.ip_address or ""),
            t.text("Browser"): one_line(event.user_agent or ""),
        }
        for event in events
    ]
    st.dataframe(rows, hide_index=True, width="stretch")
