"""The form that sends a forgotten username."""

from dataclasses import dataclass
from typing import Final

from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.form import Form, Typed, draw_form
from streamlit_persistauth.ui.submission import Answer
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.views.fields import CONTACT_EMAIL
from streamlit_persistauth.wiring.services import Services

FORGOT_USERNAME: Final = Form(
    "Forgot your username?",
    (CONTACT_EMAIL,),
    "Send username",
    hint="Enter your email, and we will send you your username.",
)
SENT: Final = Text("If an account exists for this email address, we sent its username to it.")


@dataclass(frozen=True, slots=True)
class ForgotUsername:
    """Draws the form and sends the username."""

    services: Services
    current_user: CurrentUser

    @property
    def is_possible(self) -> bool:
        """Whether users sign in by username, and the app can send email."""
        names = self.services.login_names
        return names.has_usernames and names.has_emails and self.services.mails.can_link

    def draw(self, key: str, t: Translator) -> None:
        """Draw the form on the current card."""
        draw_form(FORGOT_USERNAME, self._submit, key=f"{key}:forgot_username", t=t, border=False)

    def _submit(self, typed: Typed) -> Answer | None:
        self.services.username_reminders.request(
            typed[CONTACT_EMAIL.label], client=self.current_user.client()
        )
        return Answer(SENT, done=True)
