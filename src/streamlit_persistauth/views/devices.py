"""The devices that the current user is signed in on, in a list that updates itself."""

import functools
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from streamlit_persistauth.core.devices import PlaceOf, device_of
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.models import Session
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.ui.device_list import DeviceRow, draw_devices
from streamlit_persistauth.ui.elements import draw_toast
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.notices import UNAVAILABLE
from streamlit_persistauth.ui.relative_times import relative
from streamlit_persistauth.ui.translator import Texts, Translator
from streamlit_persistauth.views.logout import log_out
from streamlit_persistauth.views.panel import Panel
from streamlit_persistauth.wiring.services import Services

logger = logging.getLogger("streamlit_persistauth")

UPDATE_EVERY: Final = timedelta(seconds=2)
MAX_ROWS: Final = 25


@dataclass(frozen=True, slots=True)
class Devices:
    """Draws the list, and signs devices out."""

    services: Services
    current_user: CurrentUser

    def draw(
        self, *, location: Location, key: str, labels: Texts, place_of: PlaceOf | None
    ) -> None:
        """Draw the list as a panel of its own, if a user is signed in."""
        if self.current_user.current().user is None:
            return
        panel = Panel.below_guard(self.services, self.current_user, labels)
        self.draw_in(panel, location=location, key=key, place_of=place_of)

    def draw_in(
        self, panel: Panel, *, location: Location = "main", key: str, place_of: PlaceOf | None
    ) -> None:
        """Draw the list inside a panel."""
        with place(location, panel.t, f"{key}:devices"):
            st.fragment(self._draw_list, run_every=UPDATE_EVERY)(panel, _Places(place_of), key)

    def _draw_list(self, panel: Panel, places: "_Places", key: str) -> None:
        """Draw the list. It runs by a timer, so it does not update `last_used_at`."""
        with panel.checked(by_timer=True) as signed_in:
            if signed_in is None:
                return
            sessions = self._sessions(signed_in.session)
            signs_out = draw_devices(
                [self._row(one, signed_in.session, places, panel.t) for one in sessions[:MAX_ROWS]],
                sign_out=functools.partial(self._sign_out, panel),
                sign_out_others=functools.partial(self._sign_out_others, panel),
                hidden=max(0, len(sessions) - MAX_ROWS),
                key=f"{key}-devices",
                t=panel.t,
            )
            if signs_out:
                log_out(self.current_user, panel.t)

    def _sessions(self, here: Session) -> Sequence[Session]:
        """Return this session, then the user's others by their last use.

        Raises:
            StoreError: The sessions could not be read.
        """
        others = [one for one in self.services.sessions.live(here.user_id) if one.id != here.id]
        return [here, *sorted(others, key=_last_use, reverse=True)]

    def _row(self, session: Session, here: Session, places: "_Places", t: Translator) -> DeviceRow:
        now = self.services.clock()
        return DeviceRow(
            session_id=session.id,
            device=device_of(session.user_agent),
            is_here=session is here,
            place=places.of(session.ip_address),
            signed_in=relative(session.created_at, t, now=now),
            last_seen=relative(_last_use(session), t, now=now),
        )

    def _sign_out(self, panel: Panel, session_id: str) -> None:
        """Revoke another session of the user."""
        here = panel.clicked_in()
        if here is None:
            return
        try:
            self.services.sessions.end_own(
                here.user_id, session_id, client=self.current_user.client()
            )
        except StoreError:
            draw_toast(panel.t(UNAVAILABLE))

    def _sign_out_others(self, panel: Panel) -> None:
        """Revoke all sessions of the user except this one."""
        if panel.clicked_in() is None:
            return
        try:
            self.current_user.sign_out("others")
        except StoreError:
            draw_toast(panel.t(UNAVAILABLE))


@dataclass(frozen=True, slots=True)
class _Places:
    """Calls the app's `place_of` once for each IP address while a list is open."""

    place_of: PlaceOf | None
    known: dict[str, str] = field(default_factory=dict)

    def of(self, address: str | None) -> str:
        """Return the place of an IP address; empty if it is unknown or `place_of` fails."""
        if self.place_of is None or not address:
            return ""
        if address not in self.known:
            try:
                self.known[address] = str(self.place_of(address) or "")
            except Exception as error:  # noqa: BLE001 - the app's function may raise anything
                logger.error("place_of failed: %s", type(error).__name__)  # noqa: TRY400
                self.known[address] = ""
        return self.known[address]


def _last_use(session: Session) -> datetime:
    return session.last_used_at or session.created_at
