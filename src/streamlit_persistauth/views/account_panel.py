"""Somebody's own account in one place: name, email, password, devices."""

from collections.abc import Callable, Mapping

import streamlit as st

from streamlit_persistauth.models import User
from streamlit_persistauth.runtime.script_run import in_fragment
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.signin.reauthentication import Reauthentication
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.card import column
from streamlit_persistauth.ui.form import Typed, draw_form
from streamlit_persistauth.ui.forms import CHANGE_NAME, NAME
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.submission import Answer
from streamlit_persistauth.ui.translator import Texts, Translator
from streamlit_persistauth.views.devices import Devices, PlaceOf
from streamlit_persistauth.views.profile_forms import ProfileForms
from streamlit_persistauth.wiring.services import Services


class AccountPanel:
    """Draws the panel, of which a page is one piece that runs on its own."""

    def __init__(
        self,
        services: Services,
        current_user: CurrentUser,
        profile_forms: ProfileForms,
        devices: Devices,
    ) -> None:
        """Serve an app."""
        self._services = services
        self._current_user = current_user
        self._profile_forms = profile_forms
        self._devices = devices

    def draw(
        self, *, location: Location, key: str, labels: Texts, place_of: PlaceOf | None
    ) -> None:
        """See `Authenticator.account_panel`."""
        if self._current_user.current().user is None:
            return
        limit = self._current_user.reauthentication()
        with place(location, self._current_user.t(labels), f"{key}:account-panel"):
            st.fragment(self.draw_inside)(limit, key=key, labels=labels, place_of=place_of)

    def draw_inside(
        self, limit: Reauthentication, *, key: str, labels: Texts, place_of: PlaceOf | None
    ) -> None:
        """Draw it in a fragment or a dialog, which run without the guard of their page."""
        outcome = self._current_user.current()
        if outcome.session is None or outcome.user is None:
            if in_fragment():
                st.rerun(scope="app")
            return
        limit.require(outcome.session)
        user = outcome.user
        t = self._current_user.t(labels)
        sections = self._sections(user, limit, key, labels, place_of)
        tabs = st.tabs(
            [t.name(title) for title in sections],
            key=widget_key(f"{key}:tabs"),
            on_change="rerun",
        )
        for tab, draw in zip(tabs, sections.values(), strict=True):
            if tab.open:
                with tab:
                    draw()

    def _sections(
        self,
        user: User,
        limit: Reauthentication,
        key: str,
        labels: Texts,
        place_of: PlaceOf | None,
    ) -> Mapping[str, Callable[[], None]]:
        """Return what draws each section, by its title."""
        inner = f"{key}:panel"
        return {
            Text("Profile"): lambda: self._draw_name(user, inner, self._current_user.t(labels)),
            Text("Email"): lambda: self._draw_email(user, inner, labels),
            Text("Password"): lambda: self._profile_forms.draw_change_password(
                key=inner, labels=labels
            ),
            Text("Devices"): lambda: self._devices.draw(
                location="main", key=inner, labels=labels, place_of=place_of, limit=limit
            ),
        }

    def _draw_name(self, user: User, key: str, t: Translator) -> None:
        key = f"{key}:change_name"
        with column("main", t, key):
            draw_form(
                CHANGE_NAME,
                self._submit_name,
                key=key,
                labels=t,
                given={NAME.label: user.full_name},
            )

    def _draw_email(self, user: User, key: str, labels: Texts) -> None:
        st.markdown(self._current_user.t(labels)("Your email is {email}.", email=user.email))
        self._profile_forms.draw_change_email(key=key, labels=labels)

    def _submit_name(self, typed: Typed) -> Answer | None:
        session = self._current_user.current().session
        if session is None:
            return None
        changed = self._services.accounts.change_name(
            session.user_id, typed[NAME.label], client=self._current_user.client()
        )
        if not changed:
            return Answer("This app keeps no names.")
        return Answer("Your name is changed.", done=True)
