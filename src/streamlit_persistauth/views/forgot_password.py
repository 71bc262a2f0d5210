"""The form for who has lost the password."""

from typing import Final

import streamlit as st

from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.card import card
from streamlit_persistauth.ui.form import Typed, draw_form
from streamlit_persistauth.ui.forms import EMAIL, FORGOT
from streamlit_persistauth.ui.location import Location
from streamlit_persistauth.ui.submission import Answer
from streamlit_persistauth.ui.texts import draw_box
from streamlit_persistauth.ui.translator import Texts, Translator
from streamlit_persistauth.wiring.services import Services

SENT: Final = Text(
    "If there is an account with this address, a link is on its way. It is good for one hour."
)
NO_MAIL: Final = Text("This app sends no mail yet. Ask who runs it for a new password.")


class ForgotPassword:
    """Draws the form and passes on what it submits."""

    def __init__(self, services: Services, current_user: CurrentUser) -> None:
        """Serve an app."""
        self._services = services
        self._current_user = current_user

    @property
    def is_possible(self) -> bool:
        """Whether a link can be sent."""
        return self._services.mails.can_link

    def draw_forgot(self, *, location: Location, key: str, labels: Texts) -> None:
        """See `Authenticator.forgot_password_form`."""
        self._current_user.current()
        t = self._current_user.t(labels)
        with card(location, self._services.settings, t, f"{key}:forgot"):
            self.draw(key, t)

    def draw(self, key: str, labels: Translator) -> None:
        """Draw the form on the card that is being drawn."""
        if self.is_possible:
            draw_form(FORGOT, self._submit, key=f"{key}:forgot", labels=labels, border=False)
        else:
            draw_box(st.info, labels(NO_MAIL))

    def _submit(self, typed: Typed) -> Answer | None:
        self._services.resets.request(typed[EMAIL.label], client=self._current_user.client())
        return Answer(SENT, done=True)
