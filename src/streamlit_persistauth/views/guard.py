"""Who may see what stands behind a guard; everybody else meets something in its place."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NoReturn, ParamSpec, TypeVar, cast

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from streamlit_persistauth.core.events import EventType
from streamlit_persistauth.errors import AuthError, InvalidArgument, NotAllowed, SignInRequired
from streamlit_persistauth.models import User
from streamlit_persistauth.page_address import keep_address
from streamlit_persistauth.pages_folder import leave_classic_mode, warn_of_pages_folder
from streamlit_persistauth.parts import Parts
from streamlit_persistauth.presence import Presence
from streamlit_persistauth.run import in_callback, in_script_run, in_script_thread
from streamlit_persistauth.ui.labels import Labels
from streamlit_persistauth.ui.notices import show_not_allowed
from streamlit_persistauth.views.entrance import Entrance

MaxAge = timedelta | float
Pages = Sequence[Any] | Mapping[str, Sequence[Any]]
"""What `st.navigation` takes: pages, or lists of them by the heading of their section."""
P = ParamSpec("P")
R = TypeVar("R")


class Guard:
    """Lets a run go on, or draws why not and stops it."""

    def __init__(self, parts: Parts, presence: Presence, entrance: Entrance) -> None:
        """Guard an app."""
        self._parts = parts
        self._presence = presence
        self._entrance = entrance

    def hold(self, roles: Sequence[str] | None, max_age: timedelta | None) -> User:
        """See `Authenticator.guard`."""
        if not in_script_run():
            raise SignInRequired
        outcome = self._presence.current()
        if not self._presence.is_served:
            warn_of_pages_folder()
        if outcome.user is None or outcome.arrival is not None:
            _stop_with(self._entrance.draw)
        if not _has_any(outcome.user, roles):
            _stop(deny(self._parts, self._presence, tuple(roles or ()), self._presence.say()))
        if not self._is_fresh(max_age):
            _stop_with(self._entrance.draw_proof)
        return outcome.user

    def navigate(
        self,
        pages: Pages,
        roles: Sequence[str] | None,
        max_age: timedelta | None,
        **layout: Any,  # noqa: ANN401 - of `st.navigation`
    ) -> StreamlitPage:
        """See `Authenticator.navigation`."""
        if in_script_run():
            leave_classic_mode()
            if not self._opens(roles, max_age):
                keep_address(self._entrance.title)
        self.hold(roles, max_age)
        return st.navigation(pages, **layout)

    def around(
        self, function: Callable[P, R], roles: Sequence[str] | None, max_age: timedelta | None
    ) -> Callable[..., R]:
        """See `Authenticator.require_login`."""
        takes_user = _takes_user(function)

        @functools.wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> R:  # noqa: ANN401 - the function's own
            if in_callback() and not self._admits(roles, max_age):
                return cast("R", None)
            user = self.hold(roles, max_age)
            if takes_user:
                kwargs["user"] = user
            return function(*args, **kwargs)

        return guarded

    def _opens(self, roles: Sequence[str] | None, max_age: timedelta | None) -> bool:
        """Return whether the guard shows what is behind it, and no form."""
        return self._presence.current().arrival is None and self._admits(roles, max_age)

    def _admits(self, roles: Sequence[str] | None, max_age: timedelta | None) -> bool:
        user = self._presence.current().user
        return user is not None and _has_any(user, roles) and self._is_fresh(max_age)

    def _is_fresh(self, max_age: timedelta | None) -> bool:
        """Return whether the password was proven recently, where that is asked for."""
        return self._presence.is_fresh(max_age)


def deny(parts: Parts, presence: Presence, needed: tuple[str, ...], say: Labels) -> NotAllowed:
    """Show who is here that they need one of these roles; return the refusal, which is an event."""
    user = presence.current().user
    parts.events.record(
        EventType.ACCESS_DENIED,
        user_id=user.id if user else None,
        client=presence.client(),
        needed=", ".join(needed),
    )
    refusal = NotAllowed(needed)
    show_not_allowed(refusal, say)
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
