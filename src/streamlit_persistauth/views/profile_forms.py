"""The forms that change the names, the email address and the password of the current user."""

from dataclasses import dataclass
from typing import Final

from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.models import Session
from streamlit_persistauth.runtime.state_keys import KEY
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.card import column
from streamlit_persistauth.ui.form import Form, Typed, draw_form
from streamlit_persistauth.ui.location import Location
from streamlit_persistauth.ui.submission import Answer, leave_answer
from streamlit_persistauth.ui.translator import Texts
from streamlit_persistauth.views.fields import (
    CURRENT_PASSWORD,
    NAME,
    NEW_CONFIRMATION,
    NEW_EMAIL,
    NEW_PASSWORD,
    NEW_USERNAME,
)
from streamlit_persistauth.views.link_forms import DONE
from streamlit_persistauth.views.password_meter import meter_for
from streamlit_persistauth.wiring.services import Services

CHANGE_NAME: Final = Form("Change your name", (NAME,), "Change name")
CHANGE_USERNAME: Final = Form(
    "Change your username", (NEW_USERNAME, CURRENT_PASSWORD), "Change username"
)
CHANGE_EMAIL: Final = Form("Change your email", (NEW_EMAIL, CURRENT_PASSWORD), "Change email")
CHANGE_PASSWORD: Final = Form(
    "Change your password", (CURRENT_PASSWORD, NEW_PASSWORD, NEW_CONFIRMATION), "Change password"
)
LINK_SENT: Final = Text("We sent a link to your new email address. Open it to confirm the change.")


@dataclass(frozen=True, slots=True)
class ProfileForms:
    """Draws the forms and makes the changes."""

    services: Services
    current_user: CurrentUser

    def draw_change_name(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that changes the name, if a user is signed in."""
        user = self.current_user.current().user
        if user is None:
            return
        t, key = self.current_user.t(labels), f"{key}:change_name"
        with column(location, t, key):
            given = {NAME.label: user.full_name}
            draw_form(CHANGE_NAME, self._submit_name, key=key, t=t, given=given)

    def draw_change_username(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that changes the username, if a user is signed in and can have one."""
        if not self.services.login_names.has_usernames or self.current_user.current().user is None:
            return
        t, key = self.current_user.t(labels), f"{key}:change_username"
        with column(location, t, key):
            draw_form(CHANGE_USERNAME, self._submit_username, key=key, t=t)

    def draw_change_email(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that changes the email address, if a user is signed in and can have one."""
        if not self.services.login_names.has_emails or self.current_user.current().user is None:
            return
        t, key = self.current_user.t(labels), f"{key}:change_email"
        with column(location, t, key):
            draw_form(CHANGE_EMAIL, self._submit_email, key=key, t=t)

    def draw_change_password(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> None:
        """Draw the form that changes the password, if a user is signed in."""
        user = self.current_user.current().user
        if user is None:
            return
        t, key = self.current_user.t(labels), f"{key}:change_password"
        meter = meter_for(NEW_PASSWORD, self.services.policy, user=user)
        with column(location, t, key):
            draw_form(CHANGE_PASSWORD, self._submit_password, key=key, t=t, meter=meter)

    def _submit_name(self, typed: Typed) -> Answer | None:
        session = self.current_user.current().session
        if session is None:
            return None
        changed = self.services.accounts.change_name(
            session.user_id, typed[NAME.label], client=self.current_user.client()
        )
        if not changed:
            return Answer("This app doesn't store names.")
        return Answer("Your name was changed.", done=True)

    def _submit_username(self, typed: Typed) -> Answer | None:
        session = self.current_user.current().session
        if session is None:
            return None
        self.services.username_changes.change(
            session.user_id,
            typed[CURRENT_PASSWORD.label],
            typed[NEW_USERNAME.label],
            client=self.current_user.client(),
        )
        return Answer(
            "Your username was changed. Use the new one the next time you sign in.", done=True
        )

    def _submit_email(self, typed: Typed) -> Answer | None:
        """Change the address and start a new session, or send a link to the new address."""
        session = self.current_user.current().session
        if session is None:
            return None
        with self.current_user.changing():
            owner = self.services.confirmations.change_email(
                session.user_id,
                typed[CURRENT_PASSWORD.label],
                typed[NEW_EMAIL.label],
                client=self.current_user.client(),
            )
            if owner is None:
                return Answer(LINK_SENT, done=True)
            return self._start_again(
                owner,
                session,
                Answer("Your email was changed. All other devices were signed out.", done=True),
                Answer("Your email was changed. Please sign in again.", done=True),
            )

    def _submit_password(self, typed: Typed) -> Answer | None:
        """Change the password, and start a new session in place of all others."""
        session = self.current_user.current().session
        if session is None:
            return None
        with self.current_user.changing():
            owner = self.services.password_changes.change(
                session.user_id,
                typed[CURRENT_PASSWORD.label],
                typed[NEW_PASSWORD.label],
                client=self.current_user.client(),
            )
            return self._start_again(
                owner,
                session,
                Answer("Your password was changed. All other devices were signed out.", done=True),
                Answer(DONE, done=True),
            )

    def _start_again(
        self, owner: UserRecord, session: Session, done: Answer, signed_out: Answer
    ) -> Answer | None:
        """Start a session after a change that has revoked all of them.

        If the store fails now, the change is made, and the sign-in form answers.
        """
        try:
            self.current_user.sign_in(owner, remember=session.remember)
        except StoreError:
            self.current_user.drop_session()
            leave_answer(f"{KEY}:login", signed_out)
            return None
        return done
