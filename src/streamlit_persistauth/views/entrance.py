"""The sign-in page of an app: its two forms, and what they submit."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

import streamlit as st

from streamlit_persistauth.core.records import TokenType
from streamlit_persistauth.core.text import Text
from streamlit_persistauth.errors import AuthError, ConfirmationNeeded, StoreError, Throttled
from streamlit_persistauth.models import LoginResult, User
from streamlit_persistauth.parts import Parts
from streamlit_persistauth.presence import Presence
from streamlit_persistauth.run import in_script_run, spare_next_collection
from streamlit_persistauth.ui.form import Typed, draw_form
from streamlit_persistauth.ui.forms import (
    CONFIRMATION,
    CURRENT_PASSWORD,
    EMAIL,
    FORGOT,
    NAME,
    PASSWORD,
    PROOF,
    REGISTER,
)
from streamlit_persistauth.ui.labels import Texts
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.login import LoginInput, draw_login
from streamlit_persistauth.ui.notices import show_unavailable, show_waiting
from streamlit_persistauth.ui.submission import Answer
from streamlit_persistauth.views.admission import Admission
from streamlit_persistauth.views.recovery import Recovery

KEY = "persistauth"
WIDTH = 440
"""Pixels of the card; less where the window is narrower."""
BACK: Final = Text("Back to sign in")
_VIEW = "persistauth:view"


class Entrance:
    """Draws the forms and passes on what they submit."""

    def __init__(
        self, parts: Parts, presence: Presence, recovery: Recovery, admission: Admission
    ) -> None:
        """Stand before an app."""
        self._admission = admission
        self._parts = parts
        self._presence = presence
        self._recovery = recovery

    def draw(self) -> None:
        """Draw the sign-in page: the view of it that was chosen, or that a link asks for."""
        with st.container(horizontal_alignment="center"), st.container(width=WIDTH):
            if self._waits():
                return
            arrival = self._presence.current().arrival
            if arrival is None:
                self._draw_view(self._views())
                return
            self._pages()[arrival.purpose](location="main", key=KEY, labels=None)
            st.button(
                self._presence.say()(BACK), type="tertiary", on_click=self._presence.drop_link
            )

    def _pages(self) -> Mapping[TokenType, Callable[..., None]]:
        """Return what is drawn for each kind of link."""
        return {
            TokenType.RESET: self._admission.draw_reset,
            TokenType.CONFIRMATION: self._admission.draw_confirm,
            TokenType.INVITATION: self._admission.draw_invitation,
        }

    def _draw_view(self, views: Mapping[str, Callable[[], object]]) -> None:
        """Draw the chosen view, and a way to each other one."""
        chosen = str(st.session_state.get(_VIEW))
        if chosen in views:
            views[chosen]()
            self._draw_switch(BACK, "")
            return
        self.draw_login()
        for title in views:
            self._draw_switch(title, title)

    def _draw_switch(self, text: str, view: str) -> None:
        say = self._presence.say()
        st.button(say(text), type="tertiary", on_click=_choose, args=(view,))

    def _views(self) -> Mapping[str, Callable[[], object]]:
        """Return what else the page offers here, by the words on the way to it."""
        views: dict[str, Callable[[], object]] = {}
        if self._recovery.is_possible:
            views[FORGOT.title] = lambda: self._recovery.draw_forgot(
                location="main", key=KEY, labels=None
            )
        if self._may_register():
            views[REGISTER.title] = self.draw_register
        return views

    def draw_login(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> User | None:
        """See `Authenticator.login_form`."""
        outcome = self._presence.current()
        say = self._presence.say(labels)
        if outcome.user is not None:
            return outcome.user
        with place(location):
            if outcome.unavailable:
                show_unavailable(say)
                return None
            if self._waits():
                return None
            draw_login(
                self._submit_login,
                key=f"{key}:login",
                labels=say,
                offer_remember=self._presence.can_remember(),
            )
        return None

    def draw_register(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> User | None:
        """See `Authenticator.register_form`."""
        outcome = self._presence.current()
        say = self._presence.say(labels)
        if outcome.user is not None:
            return outcome.user
        with place(location):
            if outcome.unavailable:
                show_unavailable(say)
            elif self._waits():
                pass
            elif self._parts.settings.registration == "closed":
                st.info(say("Registration is closed."))
            elif self._parts.settings.registration == "invited":
                st.info(say("An account here needs an invitation."))
            else:
                draw_form(REGISTER, self._submit_registration, key=f"{key}:register", labels=say)
        return None

    def draw_proof(self) -> None:
        """Draw the form that asks who is signed in for the password again."""
        with st.container(horizontal_alignment="center"), st.container(width=WIDTH):
            draw_form(PROOF, self._submit_proof, key=f"{KEY}:proof", labels=self._presence.say())

    def login(self, email: str, password: str, *, remember: bool) -> LoginResult:
        """See `Authenticator.login`."""
        client = self._presence.client()
        try:
            owner = self._parts.accounts.authenticate(email, password, client=client)
            if in_script_run():
                self._presence.log_in(owner, remember=remember)
        except ConfirmationNeeded as refusal:
            with suppress(Throttled):
                self._parts.confirmations.request(email, client=client)
            return LoginResult(ok=False, user=None, message=refusal.message)
        except AuthError as refusal:
            return LoginResult(ok=False, user=None, message=refusal.message)
        return LoginResult(ok=True, user=owner.user, message="")

    def _waits(self) -> bool:
        """Show that the browser is asked what it keeps, if it is: until then there is no form."""
        waiting = self._presence.current().waiting
        if waiting:
            spare_next_collection()
            show_waiting(self._parts.settings.answer_seconds, self._presence.say())
        return waiting

    def _may_register(self) -> bool:
        registration = self._parts.settings.registration
        try:
            return registration == "open" or (
                registration == "first" and self._parts.accounts.has_none()
            )
        except StoreError:
            return False

    def _submit_login(self, typed: LoginInput) -> Answer | None:
        result = self.login(typed.email, typed.password, remember=typed.remember)
        return None if result.ok else Answer(result.message)

    def _submit_registration(self, typed: Typed) -> Answer | None:
        """Make the account and sign in; return what to say if that failed."""
        if not typed[EMAIL.label].strip() or not typed[PASSWORD.label]:
            return Answer("Please enter your email and a password.")
        if typed[PASSWORD.label] != typed[CONFIRMATION.label]:
            return Answer("The two passwords are not the same.")
        try:
            owner = self._parts.registrations.register(
                typed[EMAIL.label],
                typed[PASSWORD.label],
                full_name=typed[NAME.label],
                client=self._presence.client(),
            )
            self._presence.log_in(owner, remember=True)
        except ConfirmationNeeded as next_step:
            return Answer(next_step.message, done=True)
        _choose("")
        return None

    def _submit_proof(self, typed: Typed) -> Answer | None:
        """Begin a new sign-in in place of the present one, with the password proven anew."""
        session = self._presence.current().session
        if session is None:
            return None
        owner = self._parts.accounts.prove(
            session.user_id, typed[CURRENT_PASSWORD.label], client=self._presence.client()
        )
        self._presence.log_in(owner, remember=session.remember)
        return None


def _choose(view: str) -> None:
    st.session_state[_VIEW] = view
