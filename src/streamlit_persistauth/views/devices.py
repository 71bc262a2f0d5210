"""The devices that somebody is signed in on: the list keeps up by itself."""

import functools
import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import streamlit as st

from streamlit_persistauth.core.devices import device_of
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.models import Session
from streamlit_persistauth.runtime.script_run import in_fragment
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.signin.reauthentication import Reauthentication
from streamlit_persistauth.ui.device_list import DeviceRow, draw_devices
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.moments import relative
from streamlit_persistauth.ui.notices import UNAVAILABLE, show_unavailable
from streamlit_persistauth.ui.texts import draw_toast
from streamlit_persistauth.ui.translator import Texts, Translator
from streamlit_persistauth.views.logout import leave
from streamlit_persistauth.wiring.services import Services

logger = logging.getLogger("streamlit_persistauth")

PlaceOf = Callable[[str], str | None]
"""Returns where a network address is, in words, or None."""
LOOK_EVERY: Final = timedelta(seconds=2)
MOST: Final = 25
"""How many devices are shown."""


class Devices:
    """Draws the list, and ends what its buttons are pressed for."""

    def __init__(self, services: Services, current_user: CurrentUser) -> None:
        """Serve an app."""
        self._services = services
        self._current_user = current_user

    def draw(
        self,
        *,
        location: Location,
        key: str,
        labels: Texts,
        place_of: PlaceOf | None,
        limit: Reauthentication | None = None,
    ) -> None:
        """See `Authenticator.sessions_panel`; inside another panel, with the limit of that one."""
        if self._current_user.current().user is None:
            return
        limit = limit or self._current_user.reauthentication()
        places, t = _Places(place_of), self._current_user.t(labels)
        with place(location, t, f"{key}:devices"):
            st.fragment(self._draw_list, run_every=LOOK_EVERY)(places, limit, key, t)

    def _draw_list(
        self, places: "_Places", limit: Reauthentication, key: str, t: Translator
    ) -> None:
        """Draw the list as it is now. Nobody need have asked for it, so this is no use."""
        outcome = self._current_user.peek()
        if outcome.session is None and not outcome.unavailable:
            if in_fragment():
                st.rerun(scope="app")  # the guard of the page takes over
            return
        if outcome.session is not None:
            limit.require(outcome.session)
        try:
            sessions = self._sessions(outcome.session)
        except StoreError:
            show_unavailable(t)
            return
        leaves = draw_devices(
            [self._row(one, outcome.session, places, t) for one in sessions[:MOST]],
            end=functools.partial(self._end, limit, t),
            end_others=functools.partial(self._end_others, limit, t),
            hidden=max(0, len(sessions) - MOST),
            key=f"{key}-devices",
            t=t,
        )
        if leaves:
            leave(self._current_user, t)

    def _sessions(self, here: Session | None) -> Sequence[Session]:
        """Return this sign-in, and then the user's others, the last used first.

        Raises:
            StoreError: They could not be read.
        """
        if here is None:
            raise StoreError(UNAVAILABLE)
        others = [one for one in self._services.sessions.live(here.user_id) if one.id != here.id]
        return [here, *sorted(others, key=_last_use, reverse=True)]

    def _row(
        self, session: Session, here: Session | None, places: "_Places", t: Translator
    ) -> DeviceRow:
        now = self._services.clock()
        return DeviceRow(
            session_id=session.id,
            device=device_of(session.user_agent),
            is_here=session is here,
            place=places.of(session.ip_address),
            signed_in=relative(session.created_at, t, now=now),
            last_seen=relative(_last_use(session), t, now=now),
        )

    def _end(self, limit: Reauthentication, t: Translator, session_id: str) -> None:
        """End another one of the user's own sign-ins."""
        here = self._clicker(limit)
        if here is None:
            return
        try:
            self._services.sessions.end_own(
                here.user_id, session_id, client=self._current_user.client()
            )
        except StoreError:
            draw_toast(t(UNAVAILABLE))

    def _clicker(self, limit: Reauthentication) -> Session | None:
        """Return the sign-in of who has pressed a button, which is a use of it, if it is fresh.

        Where it has ended, nothing is wiped yet: the list, which runs next, is still needed to
        have the page run again.
        """
        session = self._current_user.peek().session
        if session is None or not limit.accepts(session):
            return None
        return self._current_user.current().session

    def _end_others(self, limit: Reauthentication, t: Translator) -> None:
        """End all of the user's sign-ins but this one."""
        if self._clicker(limit) is None:
            return
        try:
            self._current_user.sign_out("others")
        except StoreError:
            draw_toast(t(UNAVAILABLE))


class _Places:
    """Asks an app's own function where an address is: once for each while a list is open."""

    def __init__(self, place_of: PlaceOf | None) -> None:
        self._place_of = place_of
        self._known: dict[str, str] = {}

    def of(self, address: str | None) -> str:
        """Return a place in words; nothing where it isn't known, or the function fails."""
        if self._place_of is None or not address:
            return ""
        if address not in self._known:
            try:
                self._known[address] = str(self._place_of(address) or "")
            except Exception as error:  # noqa: BLE001 - an app's own function may raise anything
                logger.error("place_of failed: %s", type(error).__name__)  # noqa: TRY400
                self._known[address] = ""
        return self._known[address]


def _last_use(session: Session) -> datetime:
    return session.last_used_at or session.created_at
