"""The form that signs in with a password."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from streamlit_persistauth.core.arguments import flag, typed_text
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.errors import (
    AuthError,
    ConfirmationNeeded,
    Throttled,
)
from streamlit_persistauth.models import LoginResult
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.durations import duration
from streamlit_persistauth.ui.form import Field, Form, Typed, draw_form
from streamlit_persistauth.ui.submission import Answer
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.views.fields import EMAIL, LOGIN_FIELDS, OWN_PASSWORD
from streamlit_persistauth.wiring.services import Services

LOGIN: Final = Form("Sign in", (EMAIL, OWN_PASSWORD), "Sign in", tick="Keep me signed in")


def kept_for(lifetime: Lifetime) -> Text:
    """Return how long a device stays signed in, in one sentence."""
    length = lifetime.length(remember=True)
    if lifetime.idle is None or lifetime.idle >= length:
        return Text("On this device, for {time}.", time=duration(length))
    return Text(
        "On this device, for {time}, unless unused for {idle}.",
        time=duration(length),
        idle=duration(lifetime.idle),
    )


@dataclass(frozen=True, slots=True)
class LoginForm:
    """Draws the form and signs in."""

    services: Services
    current_user: CurrentUser

    def draw(self, key: str, t: Translator) -> None:
        """Draw the form on the current card."""
        draw_form(self._form(), self._submit, key=key, t=t, border=False)

    def login(self, identifier: str, password: str, *, remember: bool) -> LoginResult:
        """Check a password, and in a page run sign in."""
        keeps, refusal = flag(remember, "remember"), self.services.login_names.refusal()
        try:
            owner = self._sign_in(
                typed_text(identifier, refusal),
                typed_text(password, refusal),
                remember=keeps,
            )
        except AuthError as error:
            return LoginResult(ok=False, user=None, message=error.message)
        return LoginResult(ok=True, user=owner.user, message="")

    def _form(self) -> Form:
        form = replace(LOGIN, fields=(self._name_field, OWN_PASSWORD))
        if not self.current_user.can_remember():
            return replace(form, tick="")
        if not self.current_user.can_remember_for_lifetime():
            return form
        return replace(form, tick_hint=kept_for(self.services.sessions.lifetime))

    @property
    def _name_field(self) -> Field:
        return LOGIN_FIELDS[self.services.login_names.by]

    def _sign_in(self, identifier: str, password: str, *, remember: bool) -> UserRecord:
        """Sign in, or send the link for an unconfirmed address again and raise the error."""
        client = self.current_user.client()
        try:
            owner = self.services.accounts.authenticate(identifier, password, client=client)
        except ConfirmationNeeded:
            with suppress(Throttled):
                self.services.confirmations.request(identifier, client=client)
            raise
        self.current_user.log_in(owner, remember=remember)
        return owner

    def _submit(self, typed: Typed) -> Answer | None:
        self._sign_in(
            typed[self._name_field.label],
            typed[OWN_PASSWORD.label],
            remember=bool(typed.get(LOGIN.tick)),
        )
        return None
