"""The way in for who comes with a link: to a new password, a proven address, a new account."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from streamlit_persistauth.core.records import TokenType, UserRecord
from streamlit_persistauth.core.text import Text
from streamlit_persistauth.errors import InvalidLink, StoreError
from streamlit_persistauth.parts import Parts
from streamlit_persistauth.presence import Presence
from streamlit_persistauth.ui.form import Form, Typed, draw_form
from streamlit_persistauth.ui.forms import (
    CONFIRM,
    CONFIRMATION,
    INVITATION,
    NAME,
    NEW_CONFIRMATION,
    NEW_PASSWORD,
    OWN_PASSWORD,
    PASSWORD,
    RESET,
)
from streamlit_persistauth.ui.labels import Texts
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.notices import show_unavailable
from streamlit_persistauth.ui.submission import Answer, leave_answer

DONE: Final = Text("Your new password is set. Please sign in with it.")
Submit = Callable[[Typed], Answer | None]


class Admission:
    """Draws the forms and passes on what they submit."""

    def __init__(self, parts: Parts, presence: Presence) -> None:
        """Serve an app."""
        self._parts = parts
        self._presence = presence

    def draw_reset(self, *, location: Location, key: str, labels: Texts) -> None:
        """See `Authenticator.reset_password_form`."""
        self._draw(
            RESET,
            lambda typed: self._submit_reset(typed, f"{key}:login"),
            TokenType.RESET,
            location=location,
            key=f"{key}:reset",
            labels=labels,
        )

    def draw_confirm(self, *, location: Location, key: str, labels: Texts) -> None:
        """See `Authenticator.confirm_email_form`."""
        self._draw(
            CONFIRM,
            self._submit_confirm,
            TokenType.CONFIRMATION,
            location=location,
            key=f"{key}:confirm",
            labels=labels,
        )

    def draw_invitation(self, *, location: Location, key: str, labels: Texts) -> None:
        """See `Authenticator.invitation_form`."""
        self._draw(
            INVITATION,
            self._submit_invitation,
            TokenType.INVITATION,
            location=location,
            key=f"{key}:invitation",
            labels=labels,
        )

    def _draw(
        self,
        form: Form,
        submit: Submit,
        purpose: TokenType,
        *,
        location: Location,
        key: str,
        labels: Texts,
    ) -> None:
        """Draw a form for who has a live link; say so to who has none."""
        self._presence.current()
        say = self._presence.say(labels)
        with place(location):
            try:
                self._parts.links.look_up(purpose, self._presence.token_for(purpose))
            except StoreError:
                show_unavailable(say)
            except InvalidLink as refusal:
                st.error(say(refusal.message))
            else:
                draw_form(form, submit, key=key, labels=say)

    def _submit_reset(self, typed: Typed, login_form: str) -> Answer | None:
        """Set the new password; the sign-in form then says so."""
        if not typed[NEW_PASSWORD.label]:
            return Answer("Please enter a new password.")
        if typed[NEW_PASSWORD.label] != typed[NEW_CONFIRMATION.label]:
            return Answer("The two passwords are not the same.")
        self._parts.resets.reset(
            self._presence.token_for(TokenType.RESET),
            typed[NEW_PASSWORD.label],
            client=self._presence.client(),
        )
        self._presence.drop_link()
        leave_answer(login_form, Answer(DONE, done=True))
        return None

    def _submit_confirm(self, typed: Typed) -> Answer | None:
        if not typed[OWN_PASSWORD.label]:
            return Answer("Please enter your password.")
        return self._enter(
            lambda: self._parts.confirmations.confirm(
                self._presence.token_for(TokenType.CONFIRMATION),
                typed[OWN_PASSWORD.label],
                client=self._presence.client(),
            )
        )

    def _submit_invitation(self, typed: Typed) -> Answer | None:
        if not typed[PASSWORD.label]:
            return Answer("Please enter a password.")
        if typed[PASSWORD.label] != typed[CONFIRMATION.label]:
            return Answer("The two passwords are not the same.")
        return self._enter(
            lambda: self._parts.invitations.accept(
                self._presence.token_for(TokenType.INVITATION),
                typed[PASSWORD.label],
                full_name=typed[NAME.label],
                client=self._presence.client(),
            )
        )

    def _enter(self, prove: Callable[[], UserRecord]) -> Answer | None:
        """Sign in whoever proves to be the owner of an account."""
        owner = prove()
        self._presence.drop_link()
        self._presence.log_in(owner, remember=True)
        return None
