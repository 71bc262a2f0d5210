"""What an administrator sees: users, sign-ins, events, charts."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Final

import streamlit as st

from streamlit_persistauth.core.accounts.roles import ADMIN
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.storage.queries import EventQuery, UserQuery
from streamlit_persistauth.core.storage.records import EventRecord
from streamlit_persistauth.errors import NotAllowed, StoreError
from streamlit_persistauth.models import Session, TokenCounts
from streamlit_persistauth.runtime.own_state import page_values
from streamlit_persistauth.runtime.script_run import in_fragment
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.signin.reauthentication import Reauthentication
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.charts import BAD, LIVE, draw_days, draw_most, load_charts
from streamlit_persistauth.ui.device_list import device_text
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.notices import show_unavailable
from streamlit_persistauth.ui.numbers import grouped
from streamlit_persistauth.ui.pager import Pager
from streamlit_persistauth.ui.plain import one_line
from streamlit_persistauth.ui.sections import choose_section
from streamlit_persistauth.ui.small import draw_small
from streamlit_persistauth.ui.texts import draw_box, draw_button, draw_toast
from streamlit_persistauth.ui.translator import Texts, Translator
from streamlit_persistauth.ui.user_list import (
    draw_event_filter,
    draw_events,
    draw_session,
    draw_user,
    draw_user_search,
)
from streamlit_persistauth.views.admin_dialogs import TOAST, AdminDialogs
from streamlit_persistauth.views.guard import reject
from streamlit_persistauth.wiring.services import Services

SIZE: Final = 20
"""Lines of a list on a page."""
EVENTS: Final = 100
"""Events on a page."""
EXPORTED: Final = 100_000
"""Events in a file, at most."""
CHARTED: Final = timedelta(days=30)
COUNTED: Final = 10_000
"""Addresses that are counted, at most."""
SHOWN: Final = 10
"""Bars of what there is most of."""


@dataclass(frozen=True, slots=True)
class _Acting:
    """The administrator whose panel is drawn.

    Attributes:
        session: The sign-in.
        limit: What the guard above the panel asks of it.
        management: Opens the dialogs.
    """

    session: Session
    limit: Reauthentication
    management: AdminDialogs


class AdminPanel:
    """Draws the panel.

    A fragment, a dialog and a deferred download run without the code above them, so each of them
    asks the store again whether this is an administrator; and so does each change, in the core.
    """

    def __init__(self, services: Services, current_user: CurrentUser) -> None:
        """Serve an app."""
        self._services = services
        self._current_user = current_user

    def draw(self, *, location: Location, key: str, labels: Texts) -> None:
        """See `Authenticator.admin_panel`."""
        limit = self._current_user.reauthentication()
        t = self._current_user.t(labels)
        with place(location, t, f"{key}:admin"):
            if self.administrator(limit, t) is not None:
                st.fragment(self._draw_inside)(limit, f"{key}:admin", labels)

    def administrator(self, limit: Reauthentication, t: Translator) -> Session | None:
        """Return the sign-in of who is here, if that is an administrator at this moment.

        Nobody else is shown anything but that.
        """
        outcome = self._current_user.current()
        if outcome.waiting:
            return None  # the browser may yet say who is there
        if outcome.unavailable:
            show_unavailable(t)
            return None
        try:
            allowed = outcome.user is not None and self._services.user_admin.is_admin(
                outcome.user.id
            )
        except StoreError:
            show_unavailable(t)
            return None
        if allowed and outcome.session is not None:
            limit.require(outcome.session)
            return outcome.session
        if outcome.user is None and in_fragment():
            st.rerun(scope="app")  # where the guard is
        reject(self._services, self._current_user, (ADMIN,), t)
        return None

    def management(self, limit: Reauthentication) -> AdminDialogs:
        """Return what opens the dialogs; each of them asks what the guard above the panel does."""
        return AdminDialogs(self._services, partial(self.administrator, limit))

    def _draw_inside(self, limit: Reauthentication, key: str, labels: Texts) -> None:
        """Draw it in a fragment, so that the app's page does not run with every click."""
        t = self._current_user.t(labels)
        session = self.administrator(limit, t)
        if session is None:
            return
        acting = _Acting(session, limit, self.management(limit))
        said = page_values().pop(TOAST, None)
        if isinstance(said, str):
            draw_toast(t(said), icon=":material/check:")
        sections = {
            "users": (Text("Users"), self._draw_users),
            "sessions": (Text("Live sessions"), self._draw_sessions),
            "events": (Text("Events"), self._draw_events),
            "charts": (Text("Charts"), self._draw_charts),
        }
        titles = {name: title for name, (title, _) in sections.items()}
        name = choose_section(titles, key=widget_key(f"{key}:section"), t=t)
        try:
            sections[name][1](f"{key}:{name}", t, acting)
        except StoreError:
            show_unavailable(t)

    def _draw_users(self, key: str, t: Translator, acting: _Acting) -> None:
        query = draw_user_search(key, t)
        pager = Pager(key, size=SIZE, question=query)
        page = self._services.user_admin.find(replace(query, offset=pager.offset, limit=SIZE))
        with st.container(horizontal=True, vertical_alignment="center"):
            count = grouped(page.total)
            draw_small(t("1 user") if page.total == 1 else t("{n} users", n=count))
            if draw_button(
                t("Invite somebody"),
                key=widget_key(f"{key}:invite"),
                icon=":material/person_add:",
            ):
                acting.management.invite(t)
        if not page.users:
            draw_box(st.info, t("Nobody is found like this."), icon=":material/search_off:")
        now = self._services.clock()
        with st.container(gap="xsmall"):
            for record in page.users:
                if draw_user(record, key=key, t=t, now=now):
                    acting.management.manage(record.user.id, acting.session, t)
        pager.draw(t, shown=len(page.users), total=page.total)

    def _draw_sessions(self, key: str, t: Translator, acting: _Acting) -> None:
        services, pager = self._services, Pager(key, size=SIZE)
        count = self._live_sessions()
        shown = services.session_queries.page(offset=pager.offset, limit=SIZE)
        draw_small(t("1 live session") if count == 1 else t("{n} live sessions", n=grouped(count)))
        owners = services.user_admin.owners(item.user_id for item in shown)
        now = services.clock()
        with st.container(gap="xsmall"):
            for item in shown:
                own = item.id == acting.session.id
                owner = owners.get(item.user_id)
                if draw_session(item, owner, own=own, key=key, t=t, now=now):
                    acting.management.end(item, owner, t)
        pager.draw(t, shown=len(shown), total=count)

    def _draw_events(self, key: str, t: Translator, acting: _Acting) -> None:
        types = [item.value for item in EventType]
        asked = draw_event_filter(types, key=key, t=t)
        user = self._services.user_admin.get(asked.who) if asked.who else None
        now = self._services.clock()
        query = EventQuery(
            user_id=user.user.id if user else asked.who or None,
            types=asked.types,
            since=now - asked.since if asked.since else None,
            limit=EVENTS,
        )
        before = self._place(f"{key}:before", asked)
        events = self._services.event_log.find(replace(query, before=before))
        with st.container(horizontal=True, vertical_alignment="center"):
            if before is not None:
                draw_button(
                    t("Newest"),
                    key=widget_key(f"{key}:newest"),
                    on_click=_put,
                    args=(key, asked, None),
                )
            if len(events) == EVENTS:
                draw_button(
                    t("Older"),
                    key=widget_key(f"{key}:older"),
                    on_click=_put,
                    args=(key, asked, events[-1]),
                )
            # Made when it is asked for, so nobody's page has a file that waits for anybody.
            st.download_button(
                t.name("Export CSV"),
                data=lambda: self._export(
                    replace(query, limit=EXPORTED), acting.session, acting.limit
                ),
                file_name="events.csv",
                mime="text/csv",
                key=widget_key(f"{key}:export"),
                icon=":material/download:",
                on_click="ignore",
            )
        if not events:
            draw_box(st.info, t("Nothing like this has happened."), icon=":material/search_off:")
            return
        draw_events(events, self._services.user_admin.emails(event.user_id for event in events), t)

    def _place(self, key: str, asked: object) -> EventRecord | None:
        """Return the event that this page begins after; none if something else is asked for now."""
        question, before = page_values().get(key, (asked, None))
        return before if question == asked else None

    def _export(self, query: EventQuery, session: Session, limit: Reauthentication) -> bytes:
        """Return events as CSV, to who is still an administrator and signed in; to others nothing.

        Args:
            query: Which ones.
            session: The sign-in of the user who asks.
            limit: What the guard above the panel asks of it.

        Raises:
            NotAllowed: It is nobody of these, or the password has to be proven again.
        """
        services = self._services
        live = session.id in services.sessions.find_live([session.id])
        fresh = limit.accepts(session)
        if not (live and fresh and services.user_admin.is_admin(session.user_id)):
            services.events.record(EventType.ACCESS_DENIED, user_id=session.user_id, needed=ADMIN)
            raise NotAllowed((ADMIN,))
        services.events.record(EventType.EVENTS_EXPORTED, user_id=session.user_id)
        # The mark says to spreadsheets that this is UTF-8.
        return "".join(["\ufeff", *services.event_log.export(query)]).encode("utf-8")

    def _draw_charts(self, _key: str, t: Translator, _acting: _Acting) -> None:
        load_charts()
        services, now = self._services, self._services.clock()
        accounts = services.user_admin.find(UserQuery(limit=1)).total
        first = (now - CHARTED).replace(hour=0, minute=0, second=0, microsecond=0)
        kinds = (EventType.LOGIN.value, EventType.LOGIN_FAILED.value)
        days = services.event_log.per_day(kinds, first)
        devices = self._devices(t)
        throttled = services.event_log.per_address(
            [EventType.THROTTLED.value], first, limit=COUNTED
        )
        numbers = (
            (t("Users"), accounts),
            (t("Live sessions"), self._live_sessions()),
            (t("Throttled addresses"), len(throttled)),
        )
        with st.container(horizontal=True):
            for label, value in numbers:
                st.metric(label, grouped(value), border=True)
        st.markdown(f"**{t('Sign-ins of the last 30 days')}**")
        draw_days(days, first.date(), now.date(), t)
        st.markdown(f"**{t('Live sessions by device')}**")
        draw_most(devices, title=t.text("Devices"), color=LIVE, t=t)
        st.markdown(f"**{t('Addresses that had to wait most often')}**")
        if throttled:
            most = [(one_line(item.ip_address), item.count) for item in throttled[:SHOWN]]
            draw_most(most, title=t.text("Address"), color=BAD, t=t)
        else:
            draw_small(t("Nobody had to wait."))

    def _live_sessions(self) -> int:
        return self._services.purge.stats().by_type.get("session", TokenCounts()).live

    def _devices(self, t: Translator) -> list[tuple[str, int]]:
        """Return on which devices most people are signed in, and how many."""
        counts: Counter[str] = Counter()
        for device, number in self._services.session_queries.live_per_device().items():
            counts[device_text(device, t)] += number
        return counts.most_common(SHOWN)


def _put(key: str, asked: object, before: EventRecord | None) -> None:
    page_values()[f"{key}:before"] = (asked, before)
