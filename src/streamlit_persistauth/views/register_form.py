"""The form that registers an account."""

from dataclasses import dataclass
from typing import Final

import streamlit as st

from streamlit_persistauth.errors import ConfirmationNeeded, RegistrationClosed, StoreError
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.ui.elements import draw_box
from streamlit_persistauth.ui.form import Form, Typed, draw_form
from streamlit_persistauth.ui.submission import Answer
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.views.fields import CONFIRMATION, EMAIL, NAME, PASSWORD
from streamlit_persistauth.views.password_meter import meter_for
from streamlit_persistauth.wiring.services import Services

REGISTER: Final = Form("Create an account", (NAME, EMAIL, PASSWORD, CONFIRMATION), "Create account")


@dataclass(frozen=True, slots=True)
class RegisterForm:
    """Draws the form, creates the account and signs it in."""

    services: Services
    current_user: CurrentUser

    @property
    def is_open(self) -> bool:
        """Whether a visitor may register now."""
        registration = self.services.settings.registration
        try:
            return registration == "open" or (
                registration == "first" and self.services.accounts.is_empty()
            )
        except StoreError:
            return False

    def draw(self, key: str, t: Translator) -> None:
        """Draw the form on the current card, or a notice if registration is not open."""
        if self.services.settings.registration == "invited":
            draw_box(st.info, t("You need an invitation to create an account."))
        elif not self.is_open:
            draw_box(st.info, t(RegistrationClosed().message))
        else:
            draw_form(
                REGISTER,
                self._submit,
                key=f"{key}:register",
                t=t,
                meter=meter_for(PASSWORD, self.services.policy, context=(NAME, EMAIL)),
                border=False,
            )

    def _submit(self, typed: Typed) -> Answer | None:
        """Create the account and sign in, or ask the user to open the link sent to the address."""
        try:
            owner = self.services.registrations.register(
                typed[EMAIL.label],
                typed[PASSWORD.label],
                full_name=typed[NAME.label],
                first=self.services.settings.registration == "first",
                client=self.current_user.client(),
            )
        except ConfirmationNeeded as next_step:
            return Answer(next_step.message, done=True)
        self.current_user.log_in(owner, remember=True)
        return None
