"""The forms that a link from an email opens: new password, confirmed address, invitation."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from streamlit_persistauth.core.storage.records import TokenType, UserRecord
from streamlit_persistauth.errors import InvalidLink, StoreError
from streamlit_persistauth.models import User
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.card import card
from streamlit_persistauth.ui.elements import draw_box
from streamlit_persistauth.ui.form import Form, Typed, draw_form
from streamlit_persistauth.ui.location import Location
from streamlit_persistauth.ui.notices import show_unavailable
from streamlit_persistauth.ui.submission import Answer, leave_answer
from streamlit_persistauth.ui.translator import Texts, Translator
from streamlit_persistauth.views.fields import (
    CONFIRMATION,
    NAME,
    NEW_CONFIRMATION,
    NEW_PASSWORD,
    OWN_PASSWORD,
    PASSWORD,
    USERNAME,
)
from streamlit_persistauth.views.password_meter import meter_for
from streamlit_persistauth.wiring.services import Services

RESET: Final = Form("Set a new password", (NEW_PASSWORD, NEW_CONFIRMATION), "Set new password")
CONFIRM: Final = Form(
    "Confirm your email address",
    (OWN_PASSWORD,),
    "Confirm",
    hint="Enter your password to confirm this email address.",
)
INVITATION: Final = Form(
    "You have been invited",
    (NAME, PASSWORD, CONFIRMATION),
    "Create account",
    hint="Choose a password to create your account.",
)
DONE: Final = Text("Your password was changed. Please sign in with your new password.")
READY: Final = Text("Your account is ready. Please sign in.")
"""What is done if the store fails before the user is signed in."""


@dataclass(frozen=True, slots=True)
class LinkForms:
    """Draws the forms and does what they submit."""

    services: Services
    current_user: CurrentUser

    def draw_reset(self, *, location: Location, key: str, labels: Texts) -> None:
        """Draw the form that sets a new password, on a card of its own."""
        self._draw(TokenType.RESET, location, key, labels)

    def draw_confirm(self, *, location: Location, key: str, labels: Texts) -> None:
        """Draw the form that confirms an email address, on a card of its own."""
        self._draw(TokenType.CONFIRMATION, location, key, labels)

    def draw_invitation(self, *, location: Location, key: str, labels: Texts) -> None:
        """Draw the form that accepts an invitation, on a card of its own."""
        self._draw(TokenType.INVITATION, location, key, labels)

    def _draw(self, purpose: TokenType, location: Location, key: str, labels: Texts) -> None:
        self.current_user.current()
        t = self.current_user.t(labels)
        with card(location, self.services.settings, t, f"{key}:{purpose.value}"):
            self.draw(purpose, key, t)

    def draw(self, purpose: TokenType, key: str, t: Translator) -> None:
        """Draw the form of a valid link, or an error, on the current card."""
        try:
            link = self.services.links.look_up(purpose, self.current_user.token_for(purpose))
        except StoreError:
            show_unavailable(t)
        except InvalidLink as refusal:
            draw_box(st.error, t(refusal.message))
        else:
            draw_form_of = {
                TokenType.RESET: self._draw_reset,
                TokenType.CONFIRMATION: self._draw_confirm,
                TokenType.INVITATION: self._draw_invitation,
            }
            draw_form_of[purpose](link.owner.user, key, t)

    def _draw_reset(self, user: User, key: str, t: Translator) -> None:
        draw_form(
            RESET,
            lambda typed: self._submit_reset(typed, f"{key}:login"),
            key=f"{key}:reset",
            t=t,
            meter=meter_for(NEW_PASSWORD, self.services.policy, user=user),
            border=False,
        )

    def _draw_confirm(self, _: User, key: str, t: Translator) -> None:
        draw_form(
            CONFIRM,
            lambda typed: self._submit_confirm(typed, f"{key}:login"),
            key=f"{key}:confirm",
            t=t,
            border=False,
        )

    def _draw_invitation(self, user: User, key: str, t: Translator) -> None:
        has_usernames = self.services.login_names.has_usernames
        names = (NAME, USERNAME) if has_usernames else (NAME,)
        draw_form(
            replace(INVITATION, fields=(*names, PASSWORD, CONFIRMATION)),
            lambda typed: self._submit_invitation(typed, f"{key}:login"),
            key=f"{key}:invitation",
            t=t,
            given={NAME.label: user.full_name, USERNAME.label: user.username},
            meter=meter_for(PASSWORD, self.services.policy, user=user, context=names),
            border=False,
        )

    def _submit_reset(self, typed: Typed, login_form: str) -> Answer | None:
        """Set the new password; the sign-in form then shows that it was changed."""
        self.services.resets.reset(
            self.current_user.token_for(TokenType.RESET),
            typed[NEW_PASSWORD.label],
            client=self.current_user.client(),
        )
        self.current_user.drop_link()
        leave_answer(login_form, Answer(DONE, done=True))
        return None

    def _submit_confirm(self, typed: Typed, login_form: str) -> Answer | None:
        return self._sign_in(
            login_form,
            lambda: self.services.confirmations.confirm(
                self.current_user.token_for(TokenType.CONFIRMATION),
                typed[OWN_PASSWORD.label],
                client=self.current_user.client(),
            ),
        )

    def _submit_invitation(self, typed: Typed, login_form: str) -> Answer | None:
        return self._sign_in(
            login_form,
            lambda: self.services.invitations.accept(
                self.current_user.token_for(TokenType.INVITATION),
                typed[PASSWORD.label],
                full_name=typed[NAME.label],
                username=typed.get(USERNAME.label, ""),
                client=self.current_user.client(),
            ),
        )

    def _sign_in(self, login_form: str, authenticate: Callable[[], UserRecord]) -> Answer | None:
        """Sign in the user that `authenticate` returns; if that fails, the link is used up."""
        with self.current_user.changing():
            owner = authenticate()
            self.current_user.drop_link()
            try:
                self.current_user.log_in(owner, remember=True)
            except StoreError:
                leave_answer(login_form, Answer(READY, done=True))
        return None
