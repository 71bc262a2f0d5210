"""The way out."""

from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.notices import show_unavailable
from streamlit_persistauth.ui.texts import draw_button
from streamlit_persistauth.ui.translator import Texts, Translator


def draw_logout(current_user: CurrentUser, *, location: Location, key: str, labels: Texts) -> None:
    """See `Authenticator.logout_button`."""
    if current_user.current().user is None:
        return
    t = current_user.t(labels)
    with place(location, t, f"{key}:logout-place"):
        pressed = draw_button(t("Log out"), key=widget_key(f"{key}:logout"))
    if pressed:
        leave(current_user, t)


def leave(current_user: CurrentUser, t: Translator) -> None:
    """Sign out here, and have the whole page run again; or say why not."""
    try:
        current_user.leave()
    except StoreError:
        show_unavailable(t)
