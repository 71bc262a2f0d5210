"""The form that registers an account."""

from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from streamlit_persistauth.core.accounts.login_names import LoginBy
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.errors import ConfirmationNeeded, RegistrationClosed, StoreError
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.ui.elements import draw_box
from streamlit_persistauth.ui.form import Field, Form, Typed, draw_form
from streamlit_persistauth.ui.submission import Answer
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.views.fields import (
    CONFIRMATION,
    CONTACT_EMAIL,
    EMAIL,
    NAME,
    OPTIONAL_EMAIL,
    PASSWORD,
    SETUP_CODE,
    USERNAME,
)
from streamlit_persistauth.views.link_forms import READY
from streamlit_persistauth.views.password_meter import meter_for
from streamlit_persistauth.wiring.services import Services

REGISTER: Final = Form("Create an account", (NAME, EMAIL, PASSWORD, CONFIRMATION), "Create account")
FIRST: Final = replace(
    REGISTER, title="Create the first account", hint="It becomes the administrator of this app."
)
FIRST_BY_CODE: Final = replace(
    FIRST,
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
                self.is_for_first and self.services.accounts.is_empty()
            )
        except StoreError:
            return False

    @property
    def title(self) -> str:
        """The heading of the form, and the text of the link to it."""
        return (FIRST if self.is_for_first else REGISTER).title

    @property
    def is_for_first(self) -> bool:
        """Whether visitors may create the first account only."""
        return self.services.settings.registration == "first"

    @property
    def _needs_code(self) -> bool:
        return self.is_for_first and not self.current_user.is_local

    @property
    def _form(self) -> Form:
        """The form for this visitor."""
        form = REGISTER
        if self.is_for_first:
            form = FIRST_BY_CODE if self._needs_code else FIRST
            if not self.services.registrations.first_roles:
                form = replace(form, hint="")
        code = (SETUP_CODE,) if self._needs_code else ()
        return replace(form, fields=(*code, *self._identity, PASSWORD, CONFIRMATION))

    @property
    def _email(self) -> Field:
        """The field of the address, which a user with a username needs for its proof only."""
        login_by = self.services.login_names.by
        if login_by is LoginBy.EMAIL:
            return EMAIL
        settings = self.services.settings
        is_needed = settings.email_verification or settings.registration_domains
        is_optional = login_by is LoginBy.USERNAME and not is_needed
        return OPTIONAL_EMAIL if is_optional else CONTACT_EMAIL

    @property
    def _identity(self) -> tuple[Field, ...]:
        """The fields whose texts must not be the password."""
        names = self.services.login_names
        emails = (self._email,) if names.has_emails else ()
        return (NAME, *emails, *((USERNAME,) if names.has_usernames else ()))

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
                meter=meter_for(PASSWORD, self.services.policy, context=self._identity),
                border=False,
            )

    def _submit(self, typed: Typed) -> Answer | None:
        """Create the account and sign in, or ask the user to open the link sent to the address."""
        try:
            owner = self._register(typed)
        except ConfirmationNeeded as next_step:
            return Answer(next_step.message, done=True)
        try:
            self.current_user.log_in(owner, remember=True)
        except StoreError:
            return Answer(READY, done=True)
        return None

    def _register(self, typed: Typed) -> UserRecord:
        registrations, client = self.services.registrations, self.current_user.client()
        email, password = typed.get(self._email.label, ""), typed[PASSWORD.label]
        name, username = typed[NAME.label], typed.get(USERNAME.label, "")
        if not self.is_for_first:
            return registrations.register(
                email, password, username=username, full_name=name, client=client
            )
        return registrations.register_first(
            email,
            password,
            username=username,
            full_name=name,
            setup_code=typed.get(SETUP_CODE.label, "") if self._needs_code else None,
            client=client,
        )
