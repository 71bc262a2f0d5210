"""The way back in for who has lost the password: two forms."""

import streamlit as st

from streamlit_persistauth.errors import AuthError, InvalidLink, StoreError
from streamlit_persistauth.parts import Parts
from streamlit_persistauth.presence import Presence
from streamlit_persistauth.ui.form import Typed, draw_form
from streamlit_persistauth.ui.forms import EMAIL, FORGOT, NEW_CONFIRMATION, NEW_PASSWORD, RESET
from streamlit_persistauth.ui.labels import Labels, Texts
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.notices import UNAVAILABLE, show_unavailable
from streamlit_persistauth.ui.submission import Answer, leave_answer

SENT = "If there is an account with this address, a link is on its way. It is good for one hour."
NO_MAIL = "This app sends no mail yet. Ask who runs it for a new password."
DONE = "Your new password is set. Please sign in with it."


class Recovery:
    """Draws the forms and passes on what they submit."""

    def __init__(self, parts: Parts, presence: Presence) -> None:
        """Serve an app."""
        self._parts = parts
        self._presence = presence

    @property
    def is_possible(self) -> bool:
        """Whether a link can be sent."""
        return self._parts.letters.can_link

    def draw_forgot(self, *, location: Location, key: str, labels: Texts) -> None:
        """See `Authenticator.forgot_password_form`."""
        self._presence.current()
        say = Labels(labels)
        with place(location):
            if self.is_possible:
                draw_form(FORGOT, self._submit_forgot, key=f"{key}:forgot", labels=say)
            else:
                st.info(say(NO_MAIL))

    def draw_reset(self, *, location: Location, key: str, labels: Texts) -> None:
        """See `Authenticator.reset_password_form`."""
        self._presence.current()
        token = self._presence.reset_token
        say = Labels(labels)
        with place(location):
            try:
                live = token is not None and self._parts.resets.is_live(token)
            except StoreError:
                show_unavailable(say)
                return
            if not live:
                st.error(say(InvalidLink().message))
                return
            draw_form(
                RESET,
                lambda typed: self._submit_reset(typed, f"{key}:login"),
                key=f"{key}:reset",
                labels=say,
            )

    def _submit_forgot(self, typed: Typed) -> Answer | None:
        if not typed[EMAIL.label].strip():
            return Answer("Please enter your email.")
        try:
            self._parts.resets.request(typed[EMAIL.label], client=self._presence.client())
        except StoreError:
            return Answer(UNAVAILABLE)
        except AuthError as refusal:
            return Answer(refusal.message)
        return Answer(SENT, done=True)

    def _submit_reset(self, typed: Typed, login_form: str) -> Answer | None:
        """Set the new password; the sign-in form then says so."""
        if not typed[NEW_PASSWORD.label]:
            return Answer("Please enter a new password.")
        if typed[NEW_PASSWORD.label] != typed[NEW_CONFIRMATION.label]:
            return Answer("The two passwords are not the same.")
        try:
            self._parts.resets.reset(
                self._presence.reset_token or "",
                typed[NEW_PASSWORD.label],
                client=self._presence.client(),
            )
        except StoreError:
            return Answer(UNAVAILABLE)
        except AuthError as refusal:
            return Answer(refusal.message)
        self._presence.drop_link()
        leave_answer(login_form, Answer(DONE, done=True))
        return None
