"""The form that registers an account."""

from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.errors import ConfirmationNeeded, RegistrationClosed, StoreError
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.ui.elements import draw_box
from streamlit_persistauth.ui.form import Form, Typed, draw_form
from streamlit_persistauth.ui.submission import Answer
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.views.fields import CONFIRMATION, EMAIL, NAME, PASSWORD, SETUP_CODE
from streamlit_persistauth.views.password_meter import meter_for
from streamlit_persistauth.wiring.services import Services

REGISTER: Final = Form("Create an account", (NAME, EMAIL, PASSWORD, CONFIRMATION), "Create account")
FIRST: Final = replace(
    REGISTER, title="Create the first account", hint="It becomes the administrator of this app."
)
FIRST_BY_CODE: Final = replace(
    FIRST,
    fields=(SETUP_CODE, *FIRST.fields),
    hint=(
        "It becomes the administrator of this app. The set-up code is in the server's log; "
        "`persistauth setup-code` prints one, too."
    ),
)
"""For a visitor who does not use the machine that serves the app."""


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
                self._is_for_first and self.services.accounts.is_empty()
            )
        except StoreError:
            return False

    @property
    def _is_for_first(self) -> bool:
        return self.services.settings.registration == "first"

    @property
    def _needs_code(self) -> bool:
        return self._is_for_first and not self.current_user.is_local

    @property
    def _form(self) -> Form:
        """The form for this visitor."""
        if not self._is_for_first:
            return REGISTER
        form = FIRST_BY_CODE if self._needs_code else FIRST
        return form if self.services.registrations.first_roles else replace(form, hint="")

    def announce_code(self) -> None:
        """Log a set-up code if this visitor needs one; call this only while there is no account."""
        if self._needs_code:
            self.services.setup_codes.announce()

    def draw(self, key: str, t: Translator) -> None:
        """Draw the form on the current card, or a notice if registration is not open."""
        if self.services.settings.registration == "invited":
            draw_box(st.info, t("You need an invitation to create an account."))
        elif not self.is_open:
            draw_box(st.info, t(RegistrationClosed().message))
        else:
            self.announce_code()
            draw_form(
                self._form,
                self._submit,
                key=f"{key}:register",
                t=t,
                meter=meter_for(PASSWORD, self.services.policy, context=(NAME, EMAIL)),
                border=False,
            )

    def _submit(self, typed: Typed) -> Answer | None:
        """Create the account and sign in, or ask the user to open the link sent to the address."""
        try:
            owner = self._register(typed)
        except ConfirmationNeeded as next_step:
            return Answer(next_step.message, done=True)
        self.current_user.log_in(owner, remember=True)
        return None

    def _register(self, typed: Typed) -> UserRecord:
        registrations, client = self.services.registrations, self.current_user.client()
        email, password, name = typed[EMAIL.label], typed[PASSWORD.label], typed[NAME.label]
        if not self._is_for_first:
            return registrations.register(email, password, full_name=name, client=client)
        code = typed[SETUP_CODE.label] if self._needs_code else None
        return registrations.register_first(
            email, password, full_name=name, setup_code=code, client=client
        )
