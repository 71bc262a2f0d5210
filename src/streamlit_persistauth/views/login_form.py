"""The form that signs in with email and password."""

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from streamlit_persistauth.core.arguments import flag, typed_text
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.errors import (
    AuthError,
    ConfirmationNeeded,
    InvalidCredentials,
    Throttled,
)
from streamlit_persistauth.models import LoginResult
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.durations import duration
from streamlit_persistauth.ui.form import Form, Typed, draw_form
from streamlit_persistauth.ui.submission import Answer
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.views.fields import EMAIL, OWN_PASSWORD
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

    def login(self, email: str, password: str, *, remember: bool) -> LoginResult:
        """Check a password, and in a page run sign in."""
        client, keeps = self.current_user.client(), flag(remember, "remember")
        try:
            email = typed_text(email, InvalidCredentials())
            password = typed_text(password, InvalidCredentials())
            owner = self.services.accounts.authenticate(email, password, client=client)
            self.current_user.log_in(owner, remember=keeps)
        except ConfirmationNeeded as refusal:
            with suppress(Throttled):
                self.services.confirmations.request(email, client=client)
            return LoginResult(ok=False, user=None, message=refusal.message)
        except AuthError as refusal:
            return LoginResult(ok=False, user=None, message=refusal.message)
        return LoginResult(ok=True, user=owner.user, message="")

    def _form(self) -> Form:
        if not self.current_user.can_remember():
            return replace(LOGIN, tick="")
        if not self.current_user.can_remember_for_lifetime():
            return LOGIN
        return replace(LOGIN, tick_help=kept_for(self.services.sessions.lifetime))

    def _submit(self, typed: Typed) -> Answer | None:
        result = self.login(
            typed[EMAIL.label], typed[OWN_PASSWORD.label], remember=bool(typed.get(LOGIN.tick))
        )
        return None if result.ok else Answer(result.message)
