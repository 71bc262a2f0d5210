"""The log-out button."""

from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.signin.current_user import CurrentUser
from streamlit_persistauth.ui.elements import draw_button
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.notices import show_unavailable
from streamlit_persistauth.ui.translator import Texts, Translator


def draw_logout(current_user: CurrentUser, *, location: Location, key: str, labels: Texts) -> None:
    """Draw the button, if a user is signed in."""
    if current_user.current().user is None:
        return
    t = current_user.t(labels)
    with place(location, t, f"{key}:logout-place"):
        pressed = draw_button(t("Log out"), key=widget_key(f"{key}:logout"))
    if pressed:
        log_out(current_user, t)


def log_out(current_user: CurrentUser, t: Translator) -> None:
    """Sign out and run the page again; if the store does not answer, show a notice."""
    try:
        current_user.leave()
    except StoreError:
        show_unavailable(t)
