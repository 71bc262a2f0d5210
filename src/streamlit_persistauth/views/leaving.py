"""The way out."""

from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.keys import widget_key
from streamlit_persistauth.presence import Presence
from streamlit_persistauth.ui.labels import Labels, Texts
from streamlit_persistauth.ui.location import Location, place
from streamlit_persistauth.ui.notices import show_unavailable
from streamlit_persistauth.ui.texts import draw_button


def draw_logout(presence: Presence, *, location: Location, key: str, labels: Texts) -> None:
    """See `Authenticator.logout_button`."""
    if presence.current().user is None:
        return
    say = presence.say(labels)
    with place(location, say, f"{key}:logout-place"):
        pressed = draw_button(say("Log out"), key=widget_key(f"{key}:logout"))
    if pressed:
        leave(presence, say)


def leave(presence: Presence, say: Labels) -> None:
    """Sign out here, and have the whole page run again; or say why not."""
    try:
        presence.leave()
    except StoreError:
        show_unavailable(say)
