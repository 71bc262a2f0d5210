"""Who may see what stands behind a guard; everybody else meets something in its place."""

import functools
import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, NoReturn, ParamSpec, TypeVar, cast

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from streamlit_persistauth.core.events import EventType
from streamlit_persistauth.errors import AuthError, NotAllowed, SignInRequired
from streamlit_persistauth.models import User
from streamlit_persistauth.page_address import (
    keep_address,
    leave_classic_mode,
    warn_of_pages_folder,
)
from streamlit_persistauth.parts import Parts
from streamlit_persistauth.presence import Presence
from streamlit_persistauth.run import in_callback, in_script_run
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

    def hold(self, roles: Sequence[str] | None, max_age: MaxAge | None) -> User:
        """See `Authenticator.guard`."""
        if not in_script_run():
            raise SignInRequired
        outcome = self._presence.current()
        if not self._presence.is_served:
            warn_of_pages_folder()
        if outcome.user is None or outcome.arrival is not None:
            self._entrance.draw()
            _stop(SignInRequired())
        if not _has_any(outcome.user, roles):
            _stop(deny(self._parts, self._presence, _names(roles), self._presence.say()))
        if not self._is_fresh(max_age):
            self._entrance.draw_proof()
            _stop(SignInRequired())
        return outcome.user

    def navigate(
        self,
        pages: Pages,
        roles: Sequence[str] | None,
        max_age: MaxAge | None,
        **layout: Any,  # noqa: ANN401 - of `st.navigation`
    ) -> StreamlitPage:
        """See `Authenticator.navigation`."""
        leave_classic_mode()
        if in_script_run() and not self._opens(roles, max_age):
            keep_address(self._entrance.title)
        self.hold(roles, max_age)
        return st.navigation(pages, **layout)

    def around(
        self, function: Callable[P, R], roles: Sequence[str] | None, max_age: MaxAge | None
    ) -> Callable[..., R]:
        """See `Authenticator.require_login`."""
        takes_user = "user" in inspect.signature(function).parameters

        @functools.wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> R:  # noqa: ANN401 - the function's own
            if in_callback() and not self._admits(roles, max_age):
                return cast("R", None)
            user = self.hold(roles, max_age)
            if takes_user:
                kwargs["user"] = user
            return function(*args, **kwargs)

        return guarded

    def _opens(self, roles: Sequence[str] | None, max_age: MaxAge | None) -> bool:
        """Return whether the guard shows what is behind it, and no form."""
        return self._presence.current().arrival is None and self._admits(roles, max_age)

    def _admits(self, roles: Sequence[str] | None, max_age: MaxAge | None) -> bool:
        user = self._presence.current().user
        return user is not None and _has_any(user, roles) and self._is_fresh(max_age)

    def _is_fresh(self, max_age: MaxAge | None) -> bool:
        """Return whether the password was proven recently, where that is asked for."""
        if max_age is None:
            return True
        allowed = max_age if isinstance(max_age, timedelta) else timedelta(seconds=max_age)
        return self._presence.is_fresh(allowed)


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


def _stop(refusal: AuthError) -> NoReturn:
    """End the run. Where Streamlit can't, in an app's own thread or outside a page, raise."""
    st.stop()
    raise refusal


def _names(roles: Sequence[str] | None) -> tuple[str, ...]:
    """Return role names, also where one name is given instead of several."""
    return (roles,) if isinstance(roles, str) else tuple(roles or ())


def _has_any(user: User, roles: Sequence[str] | None) -> bool:
    """Return whether a user has one of these roles; None asks for none, an empty list is no key."""
    return roles is None or bool(set(_names(roles)) & set(user.roles))
