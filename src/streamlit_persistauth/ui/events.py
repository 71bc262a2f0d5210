"""What kinds of events are called."""

from collections.abc import Mapping
from typing import Final

from streamlit_persistauth.core.audit.event_limit import MORE
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.storage.records import EventRecord
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.plain import one_line
from streamlit_persistauth.ui.translator import Translator

NAMES: Final[Mapping[str, Text]] = {
    EventType.LOGIN: Text("Signed in"),
    EventType.LOGIN_FAILED: Text("Sign-in failed"),
    EventType.THROTTLED: Text("Had to wait"),
    EventType.LOGOUT: Text("Signed out"),
    EventType.SESSION_RENEWED: Text("Credential renewed"),
    EventType.REUSE_DETECTED: Text("Copied credential found"),
    EventType.SESSIONS_REVOKED: Text("Devices signed out"),
    EventType.TOKEN_REFUSED: Text("Credential refused"),
    EventType.LINK_REFUSED: Text("Link refused"),
    EventType.ACCESS_DENIED: Text("Access denied"),
    EventType.REGISTERED: Text("Account created"),
    EventType.REGISTRATION_REFUSED: Text("Registration refused"),
    EventType.INVITED: Text("Invited"),
    EventType.EMAIL_CONFIRMED: Text("Email confirmed"),
    EventType.EMAIL_CHANGE_REQUESTED: Text("Change of email requested"),
    EventType.EMAIL_CHANGED: Text("Email changed"),
    EventType.EMAIL_CHANGE_REFUSED: Text("Change of email refused"),
    EventType.PROFILE_CHANGED: Text("Name changed"),
    EventType.PASSWORD_CHANGED: Text("Password changed"),
    EventType.PASSWORD_RESET_REQUESTED: Text("Password reset requested"),
    EventType.PASSWORD_RESET: Text("Password reset"),
    EventType.DAMAGED_HASH: Text("Stored password unreadable"),
    EventType.USER_DISABLED: Text("Account disabled"),
    EventType.USER_ENABLED: Text("Account enabled"),
    EventType.USER_DELETED: Text("Account deleted"),
    EventType.ROLES_CHANGED: Text("Roles changed"),
    EventType.EVENTS_EXPORTED: Text("Events exported"),
    EventType.MAIL_FAILED: Text("Mail failed"),
}


def event_name(kind: str, t: Translator) -> str:
    """Return what a kind of event is called; its own name where it is none of ours."""
    name = NAMES.get(kind)
    return one_line(kind) if name is None else t.text(name)


def event_details(event: EventRecord, t: Translator) -> str:
    """Return the details of an event; of a summary row, the number of events in words."""
    number = event.details.get(MORE, "")
    if number.isdecimal():
        return t.text("{n} more within a minute", n=int(number))
    return ", ".join(f"{name}: {value}" for name, value in event.details.items())
