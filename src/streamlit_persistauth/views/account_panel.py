"""The account panel: tabs with the names, the email address, the password and the devices."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from streamlit_persistauth.core.devices import PlaceOf
from streamlit_persistauth.models import User
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.translator import Texts
from streamlit_persistauth.views.devices import Devices
from streamlit_persistauth.views.panel import Panel
from streamlit_persistauth.views.profile_forms import ProfileForms
from streamlit_persistauth.wiring.services import Services


@dataclass(frozen=True, slots=True)
class AccountPanel:
    """Draws the panel as a fragment of the page."""

    services: Services
    current_user: CurrentUser
    profile_forms: ProfileForms
    devices: Devices

    def draw(
        self, *, location: Location, key: str, labels: Texts, place_of: PlaceOf | None
    ) -> None:
        """Draw the panel, if a user is signed in."""
        if self.current_user.current().user is None:
            return
        panel = Panel.below_guard(self.services, self.current_user, labels)
        with place(location, panel.t, f"{key}:account-panel"):
            st.fragment(self.draw_inside)(panel, key=key, place_of=place_of)

    def draw_inside(self, panel: Panel, *, key: str, place_of: PlaceOf | None) -> None:
        """Draw the tabs, in a fragment or a dialog. Only the open tab is drawn."""
        with panel.checked() as signed_in:
            if signed_in is None:
                return
            sections = self._sections(panel, signed_in.user, f"{key}:panel", place_of)
            tabs = st.tabs(
                [panel.t.name(title) for title in sections],
                key=widget_key(f"{key}:tabs"),
                on_change="rerun",
            )
            for tab, draw in zip(tabs, sections.values(), strict=True):
                if tab.open:
                    with tab:
                        draw()

    def _sections(
        self, panel: Panel, user: User, key: str, place_of: PlaceOf | None
    ) -> Mapping[str, Callable[[], None]]:
        """Return the function that draws each tab, by its title."""
        forms, labels = self.profile_forms, panel.labels

        def draw_username() -> None:
            st.markdown(
                panel.t("Your username: {username}", username=user.username)
                if user.username
                else panel.t("You have no username yet.")
            )
            forms.draw_change_username(key=key, labels=labels)

        def draw_email() -> None:
            st.markdown(
                panel.t("Your email is {email}.", email=user.email)
                if user.email
                else panel.t("You have no email address yet.")
            )
            forms.draw_change_email(key=key, labels=labels)

        names = self.services.login_names
        return {
            Text("Profile"): lambda: forms.draw_change_name(key=key, labels=labels),
            **({Text("Username"): draw_username} if names.has_usernames else {}),
            **({Text("Email"): draw_email} if names.has_emails else {}),
            Text("Password"): lambda: forms.draw_change_password(key=key, labels=labels),
            Text("Devices"): lambda: self.devices.draw_in(panel, key=key, place_of=place_of),
        }
