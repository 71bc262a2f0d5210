"""What a signed-in person does with their own account."""

from typing import Final

from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.card import column
from streamlit_persistauth.ui.form import Typed, draw_form
from streamlit_persistauth.ui.forms import (
    CHANGE_EMAIL,
    CHANGE_PASSWORD,
    CURRENT_PASSWORD,
    NEW_EMAIL,
    NEW_PASSWORD,
)
from streamlit_persistauth.ui.location import Location
from streamlit_persistauth.ui.submission import Answer
from streamlit_persistauth.ui.translator import Texts
from streamlit_persistauth.views.login_page import KEY
from streamlit_persistauth.views.password_meter import meter_for
from streamlit_persistauth.wiring.services import Services

LINK_SENT: Final = Text("A link is on its way to the new address. Open it to make the change.")


class ProfileForms:
    """Draws the forms of an account and passes on what they submit."""

    def __init__(self, services: Services, current_user: CurrentUser) -> None:
        """Serve an app."""
        self._services = services
        self._current_user = current_user

    def draw_change_password(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """See `Authenticator.change_password_form`."""
        user = self._current_user.current().user
        if user is None:
            return
        t, key = self._current_user.t(labels), f"{key}:change_password"
        meter = meter_for(NEW_PASSWORD, self._services.policy, user=user)
        with column(location, t, key):
            draw_form(CHANGE_PASSWORD, self._submit_change, key=key, labels=t, meter=meter)

    def draw_change_email(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """See `Authenticator.change_email_form`."""
        if self._current_user.current().user is None:
            return
        t, key = self._current_user.t(labels), f"{key}:change_email"
        with column(location, t, key):
            draw_form(CHANGE_EMAIL, self._submit_email, key=key, labels=t)

    def _submit_email(self, typed: Typed) -> Answer | None:
        """Change the address, and begin a new sign-in here; or have the new address proven."""
        session = self._current_user.current().session
        if session is None:
            return None
        with self._current_user.changing():
            owner = self._services.confirmations.change_email(
                session.user_id,
                typed[CURRENT_PASSWORD.label],
                typed[NEW_EMAIL.label],
                client=self._current_user.client(),
            )
            if owner is None:
                return Answer(LINK_SENT, done=True)
            self._current_user.sign_in(owner, remember=session.remember)
        return Answer("Your email is changed. Every other device is signed out.", done=True)

    def _submit_change(self, typed: Typed) -> Answer | None:
        """Change the password, and begin a new sign-in here in place of all others."""
        session = self._current_user.current().session
        if session is None:
            return None
        with self._current_user.changing():
            owner = self._services.password_changes.change(
                session.user_id,
                typed[CURRENT_PASSWORD.label],
                typed[NEW_PASSWORD.label],
                client=self._current_user.client(),
            )
            self._current_user.sign_in(owner, remember=session.remember)
        return Answer("Your password is changed. Every other device is signed out.", done=True)
