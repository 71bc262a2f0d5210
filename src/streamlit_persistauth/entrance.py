"""The sign-in page of an app: its two forms, and what they submit."""

from collections.abc import Mapping

import streamlit as st

from streamlit_persistauth.errors import AuthError, StoreError
from streamlit_persistauth.handshake import Handshake
from streamlit_persistauth.models import LoginResult, User
from streamlit_persistauth.parts import Parts
from streamlit_persistauth.presence import Presence
from streamlit_persistauth.run import in_script_run
from streamlit_persistauth.ui.labels import Labels
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.login import LoginInput, draw_login
from streamlit_persistauth.ui.notices import UNAVAILABLE, show_unavailable
from streamlit_persistauth.ui.register import RegisterInput, draw_register

Texts = Mapping[str, str] | None
KEY = "persistauth"
WIDTH = 440
"""Pixels of the card; less where the window is narrower."""
_VIEW = "persistauth:view"


class Entrance:
    """Draws the forms and passes on what they submit."""

    def __init__(self, parts: Parts, presence: Presence) -> None:
        """Stand before an app."""
        self._parts = parts
        self._presence = presence

    def draw(self) -> None:
        """Draw the sign-in page: the login form, or the register form where that may be chosen."""
        may_register = self._may_register()
        with st.container(horizontal_alignment="center"), st.container(width=WIDTH):
            if may_register and st.session_state.get(_VIEW) == "register":
                self.draw_register()
                _draw_switch("Back to sign in", "login")
                return
            self.draw_login()
            if may_register:
                _draw_switch("Create an account", "register")

    def draw_login(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> User | None:
        """See `Authenticator.login_form`."""
        outcome = self._presence.current()
        say = Labels(labels)
        if outcome.user is not None:
            return outcome.user
        with place(location):
            if outcome.unavailable:
                show_unavailable(say)
                return None
            draw_login(
                self._submit_login,
                key=f"{key}:login",
                labels=say,
                offer_remember=self._parts.cache.persistent,
            )
        return None

    def draw_register(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> User | None:
        """See `Authenticator.register_form`."""
        outcome = self._presence.current()
        say = Labels(labels)
        if outcome.user is not None:
            return outcome.user
        with place(location):
            if outcome.unavailable:
                show_unavailable(say)
            elif self._parts.settings.registration == "closed":
                st.info(say("Registration is closed."))
            else:
                draw_register(self._submit_registration, key=f"{key}:register", labels=say)
        return None

    def login(self, email: str, password: str, *, remember: bool) -> LoginResult:
        """See `Authenticator.login`."""
        client = Handshake.current().client
        try:
            user = self._parts.accounts.authenticate(email, password, client=client)
            if in_script_run():
                self._presence.sign_in(user, remember=remember)
        except AuthError as refusal:
            return LoginResult(ok=False, user=None, message=refusal.message)
        return LoginResult(ok=True, user=user, message="")

    def _may_register(self) -> bool:
        registration = self._parts.settings.registration
        try:
            return registration == "open" or (
                registration == "first" and self._parts.accounts.has_none()
            )
        except StoreError:
            return False

    def _submit_login(self, typed: LoginInput) -> str | None:
        result = self.login(typed.email, typed.password, remember=typed.remember)
        return None if result.ok else result.message

    def _submit_registration(self, typed: RegisterInput) -> str | None:
        """Make the account and sign in; return what to say if that failed."""
        try:
            user = self._parts.accounts.register(
                typed.email,
                typed.password,
                full_name=typed.full_name,
                client=Handshake.current().client,
            )
            self._presence.sign_in(user, remember=True)
        except StoreError:
            return UNAVAILABLE
        except AuthError as refusal:
            return refusal.message
        _choose("login")
        return None


def _draw_switch(text: str, view: str) -> None:
    st.button(text, type="tertiary", on_click=_choose, args=(view,))


def _choose(view: str) -> None:
    st.session_state[_VIEW] = view
