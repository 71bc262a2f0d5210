"""The menu of who is signed in, and the account that it opens over any page."""

from collections.abc import Callable
from functools import partial
from hashlib import sha256

from streamlit_persistauth.core.text.initials import initials
from streamlit_persistauth.models import User
from streamlit_persistauth.runtime.own_state import page_values
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.badge import Badge, draw_menu
from streamlit_persistauth.ui.dialog import open_dialog
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.translator import Texts
from streamlit_persistauth.views.account_panel import AccountPanel
from streamlit_persistauth.views.devices import PlaceOf
from streamlit_persistauth.views.logout import leave


class UserMenu:
    """Draws the menu, and the account while it is open."""

    def __init__(self, current_user: CurrentUser, account: Callable[[], AccountPanel]) -> None:
        """Serve an app."""
        self._current_user = current_user
        self._account = account

    def draw(
        self, *, location: Location, key: str, labels: Texts, place_of: PlaceOf | None
    ) -> None:
        """See `Authenticator.user_menu`."""
        user = self._current_user.current().user
        if user is None:
            return
        limit = self._current_user.reauthentication()
        t, flag = self._current_user.t(labels), f"{key}:account-open"
        is_open = bool(page_values().get(flag))
        with place(location, t, f"{key}:menu-place"):
            leaves = draw_menu(
                _badge(user),
                fills=location == "sidebar",
                is_account_open=is_open,
                open_account=partial(_set, flag, is_open=True),
                key=key,
                t=t,
            )
        if leaves:
            leave(self._current_user, t)
        if is_open:
            # The page runs while it is open, as after a changed name, and draws it again; what
            # says so goes with all that the page has left when the sign-in ends.
            inner = f"{key}:dialog"
            open_dialog(
                Text("Account"),
                lambda: self._account().draw_inside(
                    limit, key=inner, labels=labels, place_of=place_of
                ),
                key=inner,
                t=t,
                dismissed=partial(_set, flag, is_open=False),
            )


def _set(flag: str, *, is_open: bool) -> None:
    page_values()[flag] = is_open


def _badge(user: User) -> Badge:
    """Return what the menu shows of a user; the same colour for the same user everywhere."""
    return Badge(
        name=user.full_name,
        email=user.email,
        initials=initials(user.full_name, user.email),
        hue=int(sha256(user.id.encode()).hexdigest(), 16) % 360,
    )
