"""The sign-in page: the sign-in form, links to registration and reset, and the forms of links."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from streamlit_persistauth.errors import RegistrationClosed
from streamlit_persistauth.models import LoginResult, User
from streamlit_persistauth.runtime.gc_pauses import skip_next_collection
from streamlit_persistauth.runtime.own_state import page_values
from streamlit_persistauth.runtime.page_address import asks_for_page, keep_address
from streamlit_persistauth.runtime.script_run import in_page_run
from streamlit_persistauth.runtime.state_keys import KEY, widget_key
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.card import card
from streamlit_persistauth.ui.elements import draw_box, draw_button
from streamlit_persistauth.ui.location import Location
from streamlit_persistauth.ui.notices import hide_navigation, show_unavailable, show_waiting
from streamlit_persistauth.ui.submission import request_focus
from streamlit_persistauth.ui.translator import Texts, Translator
from streamlit_persistauth.views.forgot_password import FORGOT, ForgotPassword
from streamlit_persistauth.views.forgot_username import FORGOT_USERNAME, ForgotUsername
from streamlit_persistauth.views.link_forms import LinkForms
from streamlit_persistauth.views.login_form import LoginForm
from streamlit_persistauth.views.reauthentication_form import ReauthenticationForm
from streamlit_persistauth.views.register_form import RegisterForm
from streamlit_persistauth.wiring.services import Services

BACK: Final = Text("Back to sign in")
REGISTERING: Final = "register"
"""The name of the view with the registration form."""


@dataclass(frozen=True, slots=True)
class _View:
    """A view that the sign-in page links to.

    Attributes:
        title: The text of the link.
        form: The suffix of the key of its form.
        draw: Draws it, given a key and the texts.
    """

    title: str
    form: str
    draw: Callable[[str, Translator], object]


@dataclass(frozen=True, slots=True)
class LoginPage:
    """Draws the sign-in page, and its forms on pages of the app."""

    services: Services
    current_user: CurrentUser
    forgot_password: ForgotPassword
    link_forms: LinkForms

    @property
    def login_form(self) -> LoginForm:
        """The sign-in form."""
        return LoginForm(self.services, self.current_user)

    @property
    def forgot_username(self) -> ForgotUsername:
        """The form that sends a forgotten username."""
        return ForgotUsername(self.services, self.current_user)

    @property
    def register_form(self) -> RegisterForm:
        """The registration form."""
        return RegisterForm(self.services, self.current_user)

    @property
    def title(self) -> str:
        """The title of the sign-in page, in the browser tab."""
        return self.services.settings.app_name or self.current_user.t().name("Sign in")

    def wait(self) -> None:
        """Keep the URL of a visitor, and stop while the browser is asked for its credential."""
        state = self.current_user.current()
        if state.user is not None or not in_page_run():
            return
        if asks_for_page():
            keep_address(self.title)
        if state.waiting:
            self._hide_navigation()
            skip_next_collection()
            show_waiting(self.services.settings.answer_seconds, self.current_user.t())
            st.stop()

    def draw(self) -> None:
        """Draw the sign-in page: the form of a link that was opened, or else the chosen view."""
        self._hide_navigation()
        state = self.current_user.current()
        t = self.current_user.t()
        if state.arrival is None or state.waiting:
            self._draw_views("main", KEY, t)
            return
        with card("main", self.services.settings, t, f"{KEY}:link"):
            self.link_forms.draw(state.arrival.purpose, KEY, t)
            with _links():
                _draw_link(BACK, f"{KEY}:back", t, self.current_user.drop_link)

    def draw_login(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> User | None:
        """Draw the sign-in form with its links, or return the current user."""
        user = self.current_user.current().user
        if user is None:
            self._draw_views(location, key, self.current_user.t(labels))
        return user

    def draw_register(
        self, *, location: Location = "main", key: str = KEY, labels: Texts = None
    ) -> User | None:
        """Draw the registration form, or return the current user."""
        user = self.current_user.current().user
        if user is None:
            t = self.current_user.t(labels)
            with card(location, self.services.settings, t, f"{key}:register"):
                self._draw_if_known(self.register_form.draw, key, t)
        return user

    def draw_reauthentication(self) -> None:
        """Draw the form that asks the current user for the password again."""
        self._hide_navigation()
        ReauthenticationForm(self.services, self.current_user).draw(f"{KEY}:reauthenticate")

    def login(self, identifier: str, password: str, *, remember: bool) -> LoginResult:
        """Sign in as the form does."""
        return self.login_form.login(identifier, password, remember=remember)

    def _hide_navigation(self) -> None:
        if self.services.settings.hide_navigation:
            hide_navigation(self.services.cookies.name)

    def _draw_views(self, location: Location, key: str, t: Translator) -> None:
        with card(location, self.services.settings, t, f"{key}:login"):
            self._draw_if_known(self._draw_view, key, t)

    def _draw_if_known(
        self, draw: Callable[[str, Translator], None], key: str, t: Translator
    ) -> None:
        """Draw a form once it is known that no user is signed in; until then draw a notice."""
        state = self.current_user.current()
        if state.unavailable:
            show_unavailable(t)
        elif state.waiting:
            skip_next_collection()
            show_waiting(self.services.settings.answer_seconds, t)
        else:
            draw(key, t)

    def _draw_view(self, key: str, t: Translator) -> None:
        """Draw the chosen view, and links to the others. Without accounts, begin by registration.

        An app that hides the link to the registration form hides the form, too.
        """
        views = self._views()
        has_no_account = REGISTERING in views and self.register_form.is_for_first
        if has_no_account and t(views[REGISTERING].title):
            page_values().setdefault(_view_key(key), REGISTERING)
        chosen = views.get(str(page_values().get(_view_key(key))))
        if chosen is not None:
            # With keys of its own: the page may have the same form a second time.
            chosen.draw(_inner(key), t)
            with _links():
                _draw_link(BACK, f"{key}:back", t, _choose, key, "", f"{key}:login")
            return
        if page_values().get(_view_key(key)) == REGISTERING:
            page_values()[_view_key(key)] = ""
            # The first account was created while this visitor had the registration form open.
            draw_box(st.info, t(RegistrationClosed().message))
        if REGISTERING in views:
            self.register_form.announce_code()
        self.login_form.draw(f"{key}:login", t)
        with _links():
            for name, view in views.items():
                target = f"{_inner(key)}:{view.form}"
                _draw_link(view.title, f"{key}:to_{name}", t, _choose, key, name, target)

    def _views(self) -> Mapping[str, _View]:
        """Return the views besides the sign-in form, by name."""
        views: dict[str, _View] = {}
        if self.forgot_password.is_possible:
            views["forgot"] = _View(FORGOT.title, "forgot", self.forgot_password.draw)
        if self.forgot_username.is_possible:
            views["forgot_username"] = _View(
                FORGOT_USERNAME.title, "forgot_username", self.forgot_username.draw
            )
        if self.register_form.is_open:
            views[REGISTERING] = _View(
                self.register_form.title, "register", self.register_form.draw
            )
        return views


def _links() -> DeltaGenerator:
    """Return the container for the links below a form."""
    return st.container(horizontal=True, horizontal_alignment="center")


def _draw_link(text: str, key: str, t: Translator, act: Callable[..., None], *args: str) -> None:
    draw_button(t(text), key=widget_key(key), type="tertiary", on_click=act, args=args)


def _choose(key: str, view: str, form: str) -> None:
    """Show a view, and focus its form."""
    page_values()[_view_key(key)] = view
    request_focus(form)


def _view_key(key: str) -> str:
    return f"{key}:view"


def _inner(key: str) -> str:
    return f"{key}:inner"
