"""The form for who has lost the password."""

from typing import Final

import streamlit as st

from streamlit_persistauth.core.text import Text
from streamlit_persistauth.parts import Parts
from streamlit_persistauth.presence import Presence
from streamlit_persistauth.ui.card import card
from streamlit_persistauth.ui.form import Typed, draw_form
from streamlit_persistauth.ui.forms import EMAIL, FORGOT
from streamlit_persistauth.ui.labels import Labels, Texts
from streamlit_persistauth.ui.location import Location
from streamlit_persistauth.ui.submission import Answer
from streamlit_persistauth.ui.texts import draw_box

SENT: Final = Text(
    "If there is an account with this address, a link is on its way. It is good for one hour."
)
NO_MAIL: Final = Text("This app sends no mail yet. Ask who runs it for a new password.")


class Recovery:
    """Draws the form and passes on what it submits."""

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
        say = self._presence.say(labels)
        with card(location, self._parts.settings, say, f"{key}:forgot"):
            self.draw(key, say)

    def draw(self, key: str, labels: Labels) -> None:
        """Draw the form on the card that is being drawn."""
        if self.is_possible:
            draw_form(FORGOT, self._submit, key=f"{key}:forgot", labels=labels, border=False)
        else:
            draw_box(st.info, labels(NO_MAIL))

    def _submit(self, typed: Typed) -> Answer | None:
        self._parts.resets.request(typed[EMAIL.label], client=self._presence.client())
        return Answer(SENT, done=True)
