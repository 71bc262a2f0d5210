"""The admin panel: its sections, for users with the role `admin`."""

from dataclasses import dataclass

import streamlit as st

from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.dialog import draw_toast_of_dialog
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.sections import choose_section
from streamlit_persistauth.ui.translator import Texts
from streamlit_persistauth.views.admin_charts import draw_charts
from streamlit_persistauth.views.admin_events import draw_event_section
from streamlit_persistauth.views.admin_sessions import draw_session_section
from streamlit_persistauth.views.admin_users import draw_user_section
from streamlit_persistauth.views.panel import Panel
from streamlit_persistauth.wiring.services import Services


@dataclass(frozen=True, slots=True)
class AdminPanel:
    """Draws the panel as a fragment of the page."""

    services: Services
    current_user: CurrentUser

    def draw(self, *, location: Location, key: str, labels: Texts) -> None:
        """Draw the panel; users without the role get a notice, and an event is recorded."""
        panel = Panel.below_guard(self.services, self.current_user, labels, for_admins=True)
        with place(location, panel.t, f"{key}:admin"):
            with panel.checked() as signed_in:
                is_allowed = signed_in is not None
            if is_allowed:
                st.fragment(_draw_inside)(panel, f"{key}:admin")


def _draw_inside(panel: Panel, key: str) -> None:
    """Draw the chosen section, in a fragment, so that a click does not rerun the app's page."""
    with panel.checked() as signed_in:
        if signed_in is None:
            return
        draw_toast_of_dialog(panel.t)
        sections = {
            "users": (Text("Users"), draw_user_section),
            "sessions": (Text("Active sessions"), draw_session_section),
            "events": (Text("Events"), draw_event_section),
            "charts": (Text("Charts"), draw_charts),
        }
        titles = {name: title for name, (title, _) in sections.items()}
        name = choose_section(titles, key=widget_key(f"{key}:section"), t=panel.t)
        sections[name][1](panel, signed_in.session, f"{key}:{name}")
