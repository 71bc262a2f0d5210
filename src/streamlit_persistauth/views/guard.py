"""Who may see what stands behind a guard; everybody else meets something in its place."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn, ParamSpec, TypeVar, cast

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.errors import AuthError, InvalidArgument, NotAllowed, SignInRequired
from streamlit_persistauth.models import User
from streamlit_persistauth.runtime.page_address import keep_address
from streamlit_persistauth.runtime.pages_folder import leave_classic_mode, warn_of_pages_folder
from streamlit_persistauth.runtime.script_run import in_callback, in_script_run, in_script_thread
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.ui.notices import show_not_allowed
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.views.login_page import LoginPage
from streamlit_persistauth.wiring.services import Services

MaxAge = timedelta | float
Pages = Sequence[Any] | Mapping[str, Sequence[Any]]
"""What `st.navigation` takes: pages, or lists of them by the heading of their section."""
P = ParamSpec("P")
R = TypeVar("R")


class Guard:
    """Lets a run go on, or draws why not and stops it."""

    def __init__(
        self,
        services: Services,
        current_user: CurrentUser,
        login_page: Callable[[], LoginPage],
    ) -> None:
        """Guard an app."""
        self._services = services
        self._current_user = current_user
        self._login_page = login_page

    def require(self, roles: Sequence[str] | None, max_age: timedelta | None) -> User:
        """See `Authenticator.guard`."""
        if not in_script_run():
            raise SignInRequired
        outcome = self._current_user.current()
        if not self._current_user.is_served:
            warn_of_pages_folder()
        if outcome.user is None or outcome.arrival is not None:
            _stop_with(self._login_page().draw)
        if not _has_any(outcome.user, roles):
            _stop(
                reject(
                    self._services, self._current_user, tuple(roles or ()), self._current_user.t()
                )
            )
        if not self._is_recent(max_age):
            _stop_with(self._login_page().draw_reauthentication)
        return outcome.user

    def navigate(
        self,
        pages: Pages,
        roles: Sequence[str] | None,
        max_age: timedelta | None,
        **layout: Any,  # noqa: ANN401 - of `st.navigation`
    ) -> StreamlitPage:
        """Guard the pages, and show the one that the browser asks for.

        Raises:
            InvalidArgument: `st.navigation` takes no such pages.
        """
        _check_pages(pages)
        if in_script_run():
            leave_classic_mode()
            if not self._opens(roles, max_age):
                keep_address(self._login_page().title)
        self.require(roles, max_age)
        return st.navigation(pages, **layout)

    def wrap(
        self, function: Callable[P, R], roles: Sequence[str] | None, max_age: timedelta | None
    ) -> Callable[..., R]:
        """See `Authenticator.require_login`."""
        takes_user = _takes_user(function)

        @functools.wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> R:  # noqa: ANN401 - the function's own
            if in_callback() and not self._admits(roles, max_age):
                return cast("R", None)
            user = self.require(roles, max_age)
            if takes_user:
                kwargs["user"] = user
            return function(*args, **kwargs)

        return guarded

    def _opens(self, roles: Sequence[str] | None, max_age: timedelta | None) -> bool:
        """Return whether the guard shows what is behind it, and no form."""
        return self._current_user.current().arrival is None and self._admits(roles, max_age)

    def _admits(self, roles: Sequence[str] | None, max_age: timedelta | None) -> bool:
        user = self._current_user.current().user
        return user is not None and _has_any(user, roles) and self._is_recent(max_age)

    def _is_recent(self, max_age: timedelta | None) -> bool:
        """Return whether the password was proven recently, where that is asked for."""
        return self._current_user.is_recent(max_age)


def reject(
    services: Services, current_user: CurrentUser, needed: tuple[str, ...], t: Translator
) -> NotAllowed:
    """Show who is here that they need one of these roles; return the refusal, which is an event."""
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
    """Draw what signs in and end the run.

    A thread of the app's own draws nothing: it may go on after the run, and draws more than once.
    """
    if in_script_thread():
        draw()
    _stop(SignInRequired())


def _stop(refusal: AuthError) -> NoReturn:
    """End the run. Where Streamlit can't, in an app's own thread or outside a page, raise."""
    st.stop()
    raise refusal


def _has_any(user: User, roles: Sequence[str] | None) -> bool:
    """Return whether a user has one of these roles; an empty list matches no user, None each."""
    return roles is None or bool(set(roles) & set(user.roles))


def _check_pages(pages: Any) -> None:  # noqa: ANN401 - of an app
    """Refuse what `st.navigation` does not take.

    Raises:
        InvalidArgument: It is no list of pages, nor a dictionary of such lists, or has no page.
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
        InvalidArgument: It is no function.
    """
    if not callable(function):
        raise InvalidArgument("function", "require_login decorates a function.")
    try:
        return "user" in inspect.signature(function).parameters
    except ValueError:  # a function of a C extension may have no signature
        return False
