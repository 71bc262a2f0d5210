"""The menu of the current user, and the account dialog that it opens."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from streamlit_persistauth.core.devices import PlaceOf
from streamlit_persistauth.core.text.initials import initials
from streamlit_persistauth.models import User
from streamlit_persistauth.runtime.own_state import page_values
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.badge import Badge, draw_badge
from streamlit_persistauth.ui.dialog import open_dialog
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.translator import Texts
from streamlit_persistauth.views.logout import log_out
from streamlit_persistauth.views.panel import Panel
from streamlit_persistauth.wiring.services import Services

if TYPE_CHECKING:
    from streamlit_persistauth.views.account_panel import AccountPanel


@dataclass(frozen=True, slots=True)
class UserMenu:
    """Draws the menu, and the account dialog while it is open."""

    current_user: CurrentUser
    services: Services
    account: Callable[[], "AccountPanel"]

    def draw(
        self, *, location: Location, key: str, labels: Texts, place_of: PlaceOf | None
    ) -> None:
        """Draw the menu, if a user is signed in."""
        user = self.current_user.current().user
        if user is None:
            return
        panel = Panel.below_guard(self.services, self.current_user, labels)
        t, flag = panel.t, f"{key}:account-open"
        is_open = bool(page_values().get(flag))
        with place(location, t, f"{key}:menu-place"):
            signs_out = draw_badge(
                _badge(user, self.services.login_names.name_of(user)),
                fills=location == "sidebar",
                is_account_open=is_open,
                open_account=partial(_set, flag, is_open=True),
                key=key,
                t=t,
            )
        if signs_out:
            log_out(self.current_user, t)
        if is_open:
            # A page run, as after a changed name, opens the dialog again. The flag is one of the
            # page values, which are dropped at sign-out.
            inner = f"{key}:dialog"
            open_dialog(
                Text("Account"),
                lambda: self.account().draw_inside(panel, key=inner, place_of=place_of),
                key=inner,
                t=t,
                dismissed=partial(_set, flag, is_open=False),
            )


def _set(flag: str, *, is_open: bool) -> None:
    page_values()[flag] = is_open


def _badge(user: User, account: str) -> Badge:
    """Return the badge of a user; its colour depends on the user's id only."""
    return Badge(
        name=user.full_name,
        account=account,
        initials=initials(user.full_name, account),
        hue=int(sha256(user.id.encode()).hexdigest(), 16) % 360,
    )
