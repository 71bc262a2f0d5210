"""The form that requests a link to reset a forgotten password."""

from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.card import card
from streamlit_persistauth.ui.elements import draw_box
from streamlit_persistauth.ui.form import Form, Typed, draw_form
from streamlit_persistauth.ui.location import Location
from streamlit_persistauth.ui.submission import Answer
from streamlit_persistauth.ui.translator import Texts, Translator
from streamlit_persistauth.views.fields import EMAIL, EMAIL_OR_USERNAME
from streamlit_persistauth.wiring.services import Services

FORGOT: Final = Form(
    "Forgot your password?",
    (EMAIL,),
    "Send reset link",
    hint="Enter your email, and we will send you a link to reset your password.",
)
SENT: Final = Text(
    "If an account exists for this email address, we sent a link to it. The link is valid for one "
    "hour."
)
FORGOT_EITHER: Final = replace(
    FORGOT,
    fields=(EMAIL_OR_USERNAME,),
    hint="Enter your email or username, and we will send you a link to reset your password.",
)
SENT_TO_ACCOUNT: Final = Text(
    "If this account exists and has an email address, we sent a link to it. The link is valid for "
    "one hour."
)
NO_MAIL: Final = Text(
    "This app can't send email. Contact its administrator to reset your password."
)


@dataclass(frozen=True, slots=True)
class ForgotPassword:
    """Draws the form and sends the link."""

    services: Services
    current_user: CurrentUser

    @property
    def is_possible(self) -> bool:
        """Whether the app can send links by email."""
        return self.services.mails.can_link and self.services.login_names.has_emails

    def draw_forgot(self, *, location: Location, key: str, labels: Texts) -> None:
        """Draw the form on a card of its own."""
        self.current_user.current()
        t = self.current_user.t(labels)
        with card(location, self.services.settings, t, f"{key}:forgot"):
            self.draw(key, t)

    def draw(self, key: str, t: Translator) -> None:
        """Draw the form on the current card."""
        if self.is_possible:
            draw_form(self._form, self._submit, key=f"{key}:forgot", t=t, border=False)
        else:
            draw_box(st.info, t(NO_MAIL))

    @property
    def _form(self) -> Form:
        return FORGOT_EITHER if self.services.login_names.has_usernames else FORGOT

    def _submit(self, typed: Typed) -> Answer | None:
        form = self._form
        (field,) = form.fields
        self.services.resets.request(typed[field.label], client=self.current_user.client())
        return Answer(SENT if form is FORGOT else SENT_TO_ACCOUNT, done=True)
