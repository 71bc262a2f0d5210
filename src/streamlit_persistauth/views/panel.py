"""The checks of a panel: who is signed in, how recently, and in which role."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from streamlit_persistauth.core.accounts.roles import ADMIN
from streamlit_persistauth.core.sessions.sessions import SignedIn
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.models import Session
from streamlit_persistauth.runtime.script_run import in_fragment
from streamlit_persistauth.signin.auth_state import AuthState
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.signin.reauthentication import Reauthentication
from streamlit_persistauth.ui.notices import show_unavailable
from streamlit_persistauth.ui.translator import Texts, Translator
from streamlit_persistauth.views.guard import reject
from streamlit_persistauth.wiring.services import Services


@dataclass(frozen=True, slots=True)
class Panel:
    """A panel on a page, and what its user must be to use it.

    A fragment, a dialog, a callback and a download run without the code of the page above them,
    and so without its guard. Each of them checks the session again.

    Attributes:
        services: The services of the app.
        current_user: Finds the current user.
        limit: The `max_age` of the guard above the panel.
        labels: The app's replacements for texts of the panel.
        for_admins: Whether the panel requires the role `admin`.
    """

    services: Services
    current_user: CurrentUser
    limit: Reauthentication
    labels: Texts = None
    for_admins: bool = False

    @classmethod
    def below_guard(
        cls,
        services: Services,
        current_user: CurrentUser,
        labels: Texts,
        *,
        for_admins: bool = False,
    ) -> "Panel":
        """Return a panel with the `max_age` of the guard above it."""
        return cls(services, current_user, current_user.reauthentication(), labels, for_admins)

    @property
    def t(self) -> Translator:
        """The texts of the panel."""
        return self.current_user.t(self.labels)

    @contextmanager
    def checked(self, *, by_timer: bool = False) -> Iterator[SignedIn | None]:
        """Yield the session and its user; None if this user may not use the panel now.

        In that case a notice says why, or the page runs again and its guard takes over. A
        `StoreError` of the block becomes a notice too.

        Args:
            by_timer: Whether the run has no user behind it, so that it does not update
                `last_used_at`.
        """
        find = self.current_user.peek if by_timer else self.current_user.current
        allowed = None
        with self._show_store_errors():
            allowed = self._check(find())
        with self._show_store_errors():
            yield allowed

    @contextmanager
    def _show_store_errors(self) -> Iterator[None]:
        try:
            yield
        except StoreError:
            show_unavailable(self.t)

    def _check(self, state: AuthState) -> SignedIn | None:
        if state.unavailable:
            show_unavailable(self.t)
            return None
        if state.session is None or state.user is None:
            if in_fragment():
                st.rerun(scope="app")  # the guard of the page takes over
            if self.for_admins and not state.waiting:
                self._reject()
            return None
        if self.for_admins and not self.services.user_admin.is_admin(state.user.id):
            self._reject()
            return None
        self.limit.require(state.session)
        return SignedIn(state.session, state.user)

    def _reject(self) -> None:
        reject(self.services, self.current_user, (ADMIN,), self.t)

    def clicked_in(self) -> Session | None:
        """Return the session of a callback, if it may use the panel; else None.

        If the session was revoked, its state stays for now: the fragment, which runs next, needs it
        to make the page run again.
        """
        session = self.current_user.peek().session
        if session is None or not self.limit.accepts(session):
            return None
        return self.current_user.current().session

    def admits(self, session: Session) -> bool:
        """Return whether a session may use the panel, for a download, which has no page run."""
        is_live = session.id in self.services.sessions.find_live([session.id])
        has_role = not self.for_admins or self.services.user_admin.is_admin(session.user_id)
        return is_live and has_role and self.limit.accepts(session)
