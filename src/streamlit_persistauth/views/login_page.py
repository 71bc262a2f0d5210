"""The sign-in page of an app: its views, and what they submit."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streamlit_persistauth.core.arguments import flag, typed_text
from streamlit_persistauth.errors import (
    AuthError,
    ConfirmationNeeded,
    InvalidCredentials,
    RegistrationClosed,
    StoreError,
    Throttled,
)
from streamlit_persistauth.models import LoginResult, User
from streamlit_persistauth.runtime.gc_pauses import skip_next_collection
from streamlit_persistauth.runtime.own_state import page_values
from streamlit_persistauth.runtime.page_address import asks_for_page, keep_address
from streamlit_persistauth.runtime.script_run import in_page_run
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.card import card
from streamlit_persistauth.ui.form import Typed, draw_form
from streamlit_persistauth.ui.forms import (
    CURRENT_PASSWORD,
    EMAIL,
    FORGOT,
    LOGIN,
    NAME,
    OWN_PASSWORD,
    PASSWORD,
    REAUTHENTICATE,
    REGISTER,
)
from streamlit_persistauth.ui.location import Location
from streamlit_persistauth.ui.notices import hide_navigation, show_unavailable, show_waiting
from streamlit_persistauth.ui.submission import Answer, ask_for_focus
from streamlit_persistauth.ui.texts import draw_box, draw_button
from streamlit_persistauth.ui.translator import Texts, Translator
from streamlit_persistauth.views.forgot_password import ForgotPassword
from streamlit_persistauth.views.link_forms import LinkForms
from streamlit_persistauth.views.password_meter import meter_for
from streamlit_persistauth.wiring.services import Services

KEY = "persistauth"
BACK: Final = Text("Back to sign in")
REGISTERING: Final = "register"
"""The name of the view that makes an account."""


@dataclass(frozen=True, slots=True)
class _View:
    """Something that the sign-in page can turn to.

    Attributes:
        title: The words on the way to it.
        form: What its form's key ends with.
        draw: Draws it, given a key and the texts.
    """

    title: str
    form: str
    draw: Callable[[str, Translator], object]


class LoginPage:
    """Draws the forms and passes on what they submit."""

    def __init__(
        self,
        services: Services,
        current_user: CurrentUser,
        forgot_password: ForgotPassword,
        link_forms: LinkForms,
    ) -> None:
        """Stand before an app."""
        self._link_forms = link_forms
        self._services = services
        self._current_user = current_user
        self._forgot_password = forgot_password

    @property
    def title(self) -> str:
        """The title of the sign-in page, in the tab of the browser."""
        return self._services.settings.app_name or self._current_user.t().name("Sign in")

    def wait(self) -> None:
        """Keep the address of a visitor, and stop while the browser may say what it keeps."""
        outcome = self._current_user.current()
        if outcome.user is not None or not in_page_run():
            return
        if asks_for_page():
            keep_address(self.title)
        if outcome.waiting:
            self._hide_navigation()
            skip_next_collection()
            show_waiting(self._services.settings.answer_seconds, self._current_user.t())
            st.stop()

    def draw(self) -> None:
        """Draw the sign-in page: the view of it that was chosen, or that a link asks for."""
        self._hide_navigation()
        outcome = self._current_user.current()
        if outcome.arrival is None or outcome.waiting:
            self._draw_views("main", KEY, self._current_user.t())
            return
        t = self._current_user.t()
        with card("main", self._services.settings, t, f"{KEY}:link"):
            self._link_forms.draw(outcome.arrival.purpose, KEY, t)
            with _links():
                _draw_link(BACK, f"{KEY}:back", t, self._current_user.drop_link)

    def draw_login(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> User | None:
        """See `Authenticator.login_form`."""
        user = self._current_user.current().user
        if user is None:
            self._draw_views(location, key, self._current_user.t(labels))
        return user

    def draw_register(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> User | None:
        """See `Authenticator.register_form`."""
        user = self._current_user.current().user
        if user is None:
            t = self._current_user.t(labels)
            with card(location, self._services.settings, t, f"{key}:register"):
                self._draw_where_possible(self._draw_register, key, t)
        return user

    def draw_reauthentication(self) -> None:
        """Draw the form that asks who is signed in for the password again."""
        self._hide_navigation()
        t, key = self._current_user.t(), f"{KEY}:proof"
        with card("main", self._services.settings, t, key):
            draw_form(
                REAUTHENTICATE, self._submit_reauthentication, key=key, labels=t, border=False
            )

    def login(self, email: str, password: str, *, remember: bool) -> LoginResult:
        """See `Authenticator.login`."""
        client, keeps = self._current_user.client(), flag(remember, "remember")
        try:
            email = typed_text(email, InvalidCredentials())
            password = typed_text(password, InvalidCredentials())
            owner = self._services.accounts.authenticate(email, password, client=client)
            self._current_user.log_in(owner, remember=keeps)
        except ConfirmationNeeded as refusal:
            with suppress(Throttled):
                self._services.confirmations.request(email, client=client)
            return LoginResult(ok=False, user=None, message=refusal.message)
        except AuthError as refusal:
            return LoginResult(ok=False, user=None, message=refusal.message)
        return LoginResult(ok=True, user=owner.user, message="")

    def _hide_navigation(self) -> None:
        if self._services.settings.hide_navigation:
            hide_navigation(self._services.cookies.name)

    def _draw_views(self, location: Location, key: str, labels: Translator) -> None:
        with card(location, self._services.settings, labels, f"{key}:login"):
            self._draw_where_possible(self._draw_view, key, labels)

    def _draw_where_possible(
        self, draw: Callable[[str, Translator], None], key: str, labels: Translator
    ) -> None:
        """Draw a form, or why there is none for now."""
        outcome = self._current_user.current()
        if outcome.unavailable:
            show_unavailable(labels)
        elif outcome.waiting:  # there is no form until the browser has said what it keeps
            skip_next_collection()
            show_waiting(self._services.settings.answer_seconds, labels)
        else:
            draw(key, labels)

    def _draw_view(self, key: str, labels: Translator) -> None:
        """Draw the chosen view, and a way to each other one."""
        views = self._views()
        chosen = views.get(str(page_values().get(_view_key(key))))
        if chosen is not None:
            # Below a key of its own, in case the page has the same form beside this one.
            chosen.draw(_inner(key), labels)
            with _links():
                _draw_link(BACK, f"{key}:back", labels, _choose, key, "", f"{key}:login")
            return
        if page_values().pop(_view_key(key), None) == REGISTERING:
            # Another visitor was the first, while the form stood here.
            st.info(labels(RegistrationClosed().message))
        self._draw_login(key, labels)
        with _links():
            for name, view in views.items():
                goal = f"{_inner(key)}:{view.form}"
                _draw_link(view.title, f"{key}:to_{name}", labels, _choose, key, name, goal)

    def _views(self) -> Mapping[str, _View]:
        """Return what else the page offers, by name."""
        views: dict[str, _View] = {}
        if self._forgot_password.is_possible:
            views["forgot"] = _View(FORGOT.title, "forgot", self._forgot_password.draw)
        if self._may_register():
            views[REGISTERING] = _View(REGISTER.title, "register", self._draw_register)
        return views

    def _draw_login(self, key: str, labels: Translator) -> None:
        form = LOGIN if self._current_user.can_remember() else replace(LOGIN, tick="")
        draw_form(form, self._submit_login, key=f"{key}:login", labels=labels, border=False)

    def _draw_register(self, key: str, labels: Translator) -> None:
        if self._services.settings.registration == "invited":
            draw_box(st.info, labels("An account here needs an invitation."))
        elif not self._may_register():
            draw_box(st.info, labels(RegistrationClosed().message))
        else:
            draw_form(
                REGISTER,
                self._submit_registration,
                key=f"{key}:register",
                labels=labels,
                meter=meter_for(PASSWORD, self._services.policy, context=(NAME, EMAIL)),
                border=False,
            )

    def _may_register(self) -> bool:
        registration = self._services.settings.registration
        try:
            return registration == "open" or (
                registration == "first" and self._services.accounts.is_empty()
            )
        except StoreError:
            return False

    def _submit_login(self, typed: Typed) -> Answer | None:
        result = self.login(
            typed[EMAIL.label],
            typed[OWN_PASSWORD.label],
            remember=bool(typed.get(LOGIN.tick)),
        )
        return None if result.ok else Answer(result.message)

    def _submit_registration(self, typed: Typed) -> Answer | None:
        """Make the account and sign in; return what to say if a link has to be opened first."""
        try:
            owner = self._services.registrations.register(
                typed[EMAIL.label],
                typed[PASSWORD.label],
                full_name=typed[NAME.label],
                first=self._services.settings.registration == "first",
                client=self._current_user.client(),
            )
        except ConfirmationNeeded as next_step:
            return Answer(next_step.message, done=True)
        self._current_user.log_in(owner, remember=True)
        return None

    def _submit_reauthentication(self, typed: Typed) -> Answer | None:
        """Begin a new sign-in in place of the present one, with the password proven anew."""
        session = self._current_user.current().session
        if session is None:
            return None
        owner = self._services.accounts.reauthenticate(
            session.user_id, typed[CURRENT_PASSWORD.label], client=self._current_user.client()
        )
        self._current_user.log_in(owner, remember=session.remember)
        return None


def _links() -> DeltaGenerator:
    """Return the place for the ways to somewhere else, below a form."""
    return st.container(horizontal=True, horizontal_alignment="center")


def _draw_link(
    text: str, key: str, labels: Translator, act: Callable[..., None], *args: str
) -> None:
    draw_button(labels(text), key=widget_key(key), type="tertiary", on_click=act, args=args)


def _choose(key: str, view: str, form: str) -> None:
    """Turn to a view of the page, and have its form take the keyboard."""
    page_values()[_view_key(key)] = view
    ask_for_focus(form)


def _view_key(key: str) -> str:
    return f"{key}:view"


def _inner(key: str) -> str:
    return f"{key}:inner"
