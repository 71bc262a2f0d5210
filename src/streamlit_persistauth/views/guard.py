"""The guard: lets users with the right role pass; for others it draws a form or a notice."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec, TypeVar, cast

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from streamlit_persistauth.core.accounts.roles import has_any
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.errors import AuthError, InvalidArgument, NotAllowed, SignInRequired
from streamlit_persistauth.models import User
from streamlit_persistauth.runtime.page_address import keep_address
from streamlit_persistauth.runtime.pages_folder import leave_classic_mode, warn_of_pages_folder
from streamlit_persistauth.runtime.script_run import in_callback, in_script_run, in_script_thread
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.ui.notices import show_not_allowed
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.wiring.services import Services

if TYPE_CHECKING:
    from streamlit_persistauth.views.login_page import LoginPage
    from streamlit_persistauth.web.endpoints import EndpointGuard

MaxAge = timedelta | float
Pages = Sequence[Any] | Mapping[str, Sequence[Any]]
"""The pages of `st.navigation`: a list, or lists by the title of their section."""
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Guard:
    """Lets a page run continue, or draws a form or a notice and stops it."""

    services: Services
    current_user: CurrentUser
    login_page: Callable[[], "LoginPage"]
    endpoint_guard: Callable[[], "EndpointGuard"]

    def require(self, roles: Sequence[str] | None, max_age: timedelta | None) -> User:
        """Return the current user, or draw a form or a notice and stop the run."""
        if not in_script_run():
            raise SignInRequired
        state = self.current_user.current()
        if not self.current_user.is_served:
            warn_of_pages_folder()
        if state.user is None or state.arrival is not None:
            _stop_with(self.login_page().draw)
        if not has_any(state.user, roles):
            t = self.current_user.t()
            _stop(reject(self.services, self.current_user, tuple(roles or ()), t))
        if not self.current_user.is_recent(max_age):
            _stop_with(self.login_page().draw_reauthentication)
        return state.user

    def navigate(
        self,
        pages: Pages,
        roles: Sequence[str] | None,
        max_age: timedelta | None,
        **layout: Any,  # noqa: ANN401 - of `st.navigation`
    ) -> StreamlitPage:
        """Require a user, then return the page that `st.navigation` chose.

        Raises:
            InvalidArgument: `st.navigation` does not accept such pages.
        """
        _check_pages(pages)
        if in_script_run():
            leave_classic_mode()
            if not self._shows_page(roles, max_age):
                keep_address(self.login_page().title)
        self.require(roles, max_age)
        return st.navigation(pages, **layout)

    def wrap(
        self, function: Callable[P, R], roles: Sequence[str] | None, max_age: timedelta | None
    ) -> Callable[..., R]:
        """Return the function with the guard before each call.

        With a request of Starlette or FastAPI among its arguments, the function is an endpoint: the
        user is that of the request, and a refusal is a response.
        """
        from streamlit_persistauth.web.endpoints import guard_endpoint

        takes_user = _takes_user(function)
        known: Callable[..., R] = function

        def call(user: User, args: Sequence[Any], kwargs: Mapping[str, Any]) -> R:
            return known(*args, **{**kwargs, **({"user": user} if takes_user else {})})

        def on_page(*args: Any, **kwargs: Any) -> R:  # noqa: ANN401 - the function's own
            if in_callback() and not self._admits(roles, max_age):
                return cast("R", None)
            return call(self.require(roles, max_age), args, kwargs)

        admit = functools.partial(self.endpoint_guard().admit, roles=roles, max_age=max_age)
        return guard_endpoint(function, admit=admit, call=call, on_page=on_page)

    def _shows_page(self, roles: Sequence[str] | None, max_age: timedelta | None) -> bool:
        """Return whether the guard shows the page instead of a form."""
        return self.current_user.current().arrival is None and self._admits(roles, max_age)

    def _admits(self, roles: Sequence[str] | None, max_age: timedelta | None) -> bool:
        user = self.current_user.current().user
        return user is not None and has_any(user, roles) and self.current_user.is_recent(max_age)


def reject(
    services: Services, current_user: CurrentUser, needed: tuple[str, ...], t: Translator
) -> NotAllowed:
    """Show that the user has none of the required roles, and record an event.

    Returns:
        The error for code that can't be stopped.
    """
    user = current_user.current().user
    services.events.record(
        EventType.ACCESS_DENIED,
        user_id=user.id if user else None,
        client=current_user.client(),
        needed=", ".join(needed),
    )
    refusal = NotAllowed(needed)
    show_not_allowed(refusal, t)
    return refusal


def _stop_with(draw: Callable[[], None]) -> NoReturn:
    """Draw a form and stop the run.

    A thread that the app started draws nothing: it may outlive the run, and call the guard often.
    """
    if in_script_thread():
        draw()
    _stop(SignInRequired())


def _stop(refusal: AuthError) -> NoReturn:
    """Stop the run; raise where `st.stop` has no effect: in another thread or outside a page."""
    st.stop()
    raise refusal


def _check_pages(pages: Any) -> None:  # noqa: ANN401 - of an app
    """Check the pages for `st.navigation`.

    Raises:
        InvalidArgument: They are not a list of pages or a dictionary of such lists, or there are
            no pages.
    """
    sections = list(pages.values()) if isinstance(pages, Mapping) else [pages]
    headings = list(pages) if isinstance(pages, Mapping) else []
    is_listed = all(isinstance(one, Sequence) and not isinstance(one, str) for one in sections)
    found = [page for section in sections for page in section] if is_listed else []
    if not found or not all(map(_is_page, found)) or not all(isinstance(h, str) for h in headings):
        raise InvalidArgument(
            "pages", "a list of pages is expected, or a dictionary of such lists by their heading."
        )


def _is_page(value: object) -> bool:
    return isinstance(value, (StreamlitPage, str, Path)) or callable(value)


def _takes_user(function: Callable[..., object]) -> bool:
    """Return whether a function has a parameter named `user`.

    Raises:
        InvalidArgument: The argument is not a function.
    """
    if not callable(function):
        raise InvalidArgument("function", "require_login decorates a function.")
    try:
        return "user" in inspect.signature(function).parameters
    except ValueError:  # a function of a C extension may have no signature
        return False
