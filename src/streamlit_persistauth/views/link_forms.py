"""The way in for who comes with a link: to a new password, a proven address, a new account."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from streamlit_persistauth.core.storage.records import TokenType, UserRecord
from streamlit_persistauth.errors import InvalidLink, StoreError
from streamlit_persistauth.models import User
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.card import card
from streamlit_persistauth.ui.form import Typed, draw_form
from streamlit_persistauth.ui.forms import (
    CONFIRM,
    INVITATION,
    NAME,
    NEW_PASSWORD,
    OWN_PASSWORD,
    PASSWORD,
    RESET,
)
from streamlit_persistauth.ui.location import Location
from streamlit_persistauth.ui.notices import show_unavailable
from streamlit_persistauth.ui.submission import Answer, leave_answer
from streamlit_persistauth.ui.texts import draw_box
from streamlit_persistauth.ui.translator import Texts, Translator
from streamlit_persistauth.views.password_meter import meter_for
from streamlit_persistauth.wiring.services import Services

DONE: Final = Text("Your new password is set. Please sign in with it.")


class LinkForms:
    """Draws the forms and passes on what they submit."""

    def __init__(self, services: Services, current_user: CurrentUser) -> None:
        """Serve an app."""
        self._services = services
        self._current_user = current_user
        self._forms = {
            TokenType.RESET: self._draw_reset,
            TokenType.CONFIRMATION: self._draw_confirm,
            TokenType.INVITATION: self._draw_invitation,
        }

    def draw_reset(self, *, location: Location, key: str, labels: Texts) -> None:
        """See `Authenticator.reset_password_form`."""
        self._draw(TokenType.RESET, location, key, labels)

    def draw_confirm(self, *, location: Location, key: str, labels: Texts) -> None:
        """See `Authenticator.confirm_email_form`."""
        self._draw(TokenType.CONFIRMATION, location, key, labels)

    def draw_invitation(self, *, location: Location, key: str, labels: Texts) -> None:
        """See `Authenticator.invitation_form`."""
        self._draw(TokenType.INVITATION, location, key, labels)

    def _draw(self, purpose: TokenType, location: Location, key: str, labels: Texts) -> None:
        self._current_user.current()
        t = self._current_user.t(labels)
        with card(location, self._services.settings, t, f"{key}:{purpose.value}"):
            self.draw(purpose, key, t)

    def draw(self, purpose: TokenType, key: str, labels: Translator) -> None:
        """Draw a form for who has a live link; say so to who has none. On the card at hand."""
        try:
            link = self._services.links.look_up(purpose, self._current_user.token_for(purpose))
        except StoreError:
            show_unavailable(labels)
        except InvalidLink as refusal:
            draw_box(st.error, labels(refusal.message))
        else:
            self._forms[purpose](link.owner.user, key, labels)

    def _draw_reset(self, user: User, key: str, labels: Translator) -> None:
        draw_form(
            RESET,
            lambda typed: self._submit_reset(typed, f"{key}:login"),
            key=f"{key}:reset",
            labels=labels,
            meter=meter_for(NEW_PASSWORD, self._services.policy, user=user),
            border=False,
        )

    def _draw_confirm(self, _: User, key: str, labels: Translator) -> None:
        draw_form(CONFIRM, self._submit_confirm, key=f"{key}:confirm", labels=labels, border=False)

    def _draw_invitation(self, user: User, key: str, labels: Translator) -> None:
        draw_form(
            INVITATION,
            self._submit_invitation,
            key=f"{key}:invitation",
            labels=labels,
            given={NAME.label: user.full_name},
            meter=meter_for(PASSWORD, self._services.policy, user=user, context=(NAME,)),
            border=False,
        )

    def _submit_reset(self, typed: Typed, login_form: str) -> Answer | None:
        """Set the new password; the sign-in form then says so."""
        self._services.resets.reset(
            self._current_user.token_for(TokenType.RESET),
            typed[NEW_PASSWORD.label],
            client=self._current_user.client(),
        )
        self._current_user.drop_link()
        leave_answer(login_form, Answer(DONE, done=True))
        return None

    def _submit_confirm(self, typed: Typed) -> Answer | None:
        return self._enter(
            lambda: self._services.confirmations.confirm(
                self._current_user.token_for(TokenType.CONFIRMATION),
                typed[OWN_PASSWORD.label],
                client=self._current_user.client(),
            )
        )

    def _submit_invitation(self, typed: Typed) -> Answer | None:
        return self._enter(
            lambda: self._services.invitations.accept(
                self._current_user.token_for(TokenType.INVITATION),
                typed[PASSWORD.label],
                full_name=typed[NAME.label],
                client=self._current_user.client(),
            )
        )

    def _enter(self, prove: Callable[[], UserRecord]) -> Answer | None:
        """Sign in whoever proves to be the owner of an account."""
        with self._current_user.changing():
            owner = prove()
            self._current_user.drop_link()
            self._current_user.log_in(owner, remember=True)
        return None
