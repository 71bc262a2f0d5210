"""The admin panel's section with the events, and their export as CSV."""

from dataclasses import replace
from typing import Final

import streamlit as st

from streamlit_persistauth.core.accounts.roles import ADMIN
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.storage.queries import EventQuery
from streamlit_persistauth.errors import NotAllowed
from streamlit_persistauth.models import Session
from streamlit_persistauth.ui.elements import draw_box
from streamlit_persistauth.ui.event_list import (
    EventPager,
    draw_event_filter,
    draw_events,
    draw_export,
)
from streamlit_persistauth.views.panel import Panel

PAGE_SIZE: Final = 100
EXPORT_LIMIT: Final = 100_000
"""The maximum number of events in a file."""


def draw_event_section(panel: Panel, session: Session, key: str) -> None:
    """Draw the filter, the buttons and the table.

    Raises:
        StoreError: The events could not be read.
    """
    services, t = panel.services, panel.t
    asked = draw_event_filter(has_usernames=services.login_names.has_usernames, key=key, t=t)
    user = services.user_admin.get(asked.who) if asked.who else None
    query = EventQuery(
        user_id=user.user.id if user else asked.who or None,
        types=asked.types,
        since=services.clock() - asked.since if asked.since else None,
        limit=PAGE_SIZE,
    )
    pager = EventPager(key, PAGE_SIZE, asked)
    events = services.event_log.find(replace(query, before=pager.before))
    with st.container(horizontal=True, vertical_alignment="center"):
        pager.draw(events, t)
        draw_export(
            lambda: export(panel, session, replace(query, limit=EXPORT_LIMIT)), key=key, t=t
        )
    if not events:
        draw_box(st.info, t("No events match."), icon=":material/search_off:")
        return
    draw_events(events, services.user_admin.names(event.user_id for event in events), t)


def export(panel: Panel, session: Session, query: EventQuery) -> bytes:
    """Return events as CSV.

    Args:
        panel: The admin panel.
        session: The session that opened it.
        query: The events.

    Raises:
        NotAllowed: The session was revoked, its user has lost the role, or has to authenticate
            again.
        StoreError: The events could not be read.
    """
    services = panel.services
    if not panel.admits(session):
        services.events.record(EventType.ACCESS_DENIED, user_id=session.user_id, needed=ADMIN)
        raise NotAllowed((ADMIN,))
    services.events.record(EventType.EVENTS_EXPORTED, user_id=session.user_id)
    # Spreadsheets need the byte order mark to read the file as UTF-8.
    return "".join(["\ufeff", *services.event_log.export(query)]).encode("utf-8")
