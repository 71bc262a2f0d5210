"""The form that asks a signed-in user for the password again."""

from dataclasses import dataclass
from typing import Final

from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.ui.card import card
from streamlit_persistauth.ui.form import Form, Typed, draw_form
from streamlit_persistauth.ui.submission import Answer
from streamlit_persistauth.views.fields import CURRENT_PASSWORD
from streamlit_persistauth.wiring.services import Services

REAUTHENTICATE: Final = Form(
    "Confirm it's you",
    (CURRENT_PASSWORD,),
    "Continue",
    hint="Enter your password again to continue.",
)


@dataclass(frozen=True, slots=True)
class ReauthenticationForm:
    """Draws the form and replaces the session by a new one."""

    services: Services
    current_user: CurrentUser

    def draw(self, key: str) -> None:
        """Draw the form on a card of its own."""
        t = self.current_user.t()
        with card("main", self.services.settings, t, key):
            draw_form(REAUTHENTICATE, self._submit, key=key, t=t, border=False)

    def _submit(self, typed: Typed) -> Answer | None:
        session = self.current_user.current().session
        if session is None:
            return None
        owner = self.services.accounts.reauthenticate(
            session.user_id, typed[CURRENT_PASSWORD.label], client=self.current_user.client()
        )
        self.current_user.log_in(owner, remember=session.remember)
        return None
