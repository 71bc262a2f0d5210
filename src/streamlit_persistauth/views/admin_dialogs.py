"""The admin panel's dialogs that invite a user and sign out a device, and what dialogs share."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import streamlit as st

from streamlit_persistauth.core.storage.records import TokenType
from streamlit_persistauth.errors import AuthError, StoreError
from streamlit_persistauth.models import Session
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.dialog import close, current_step, draw_choice, go_to, open_steps
from streamlit_persistauth.ui.elements import draw_box
from streamlit_persistauth.ui.notices import UNAVAILABLE
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.views.panel import Panel

NO_MAIL: Final = Text(
    "This app can't send email. Pass this on to the user yourself; it works only once."
)
NO_ADDRESS: Final = Text(
    "This account has no email address. Pass this on to the user yourself; it works only once."
)


@dataclass(frozen=True, slots=True)
class Handover:
    """The step of a dialog that shows a link for the administrator to pass on.

    Attributes:
        text: The link, or its token if the app does not know its own URL.
        reason: Why the app does not send it.
    """

    text: str = field(repr=False)
    reason: Text


def open_admin_dialog(panel: Panel, title: Text, draw: Callable[[], None]) -> None:
    """Open a dialog of the admin panel. `draw` checks the panel again in each run."""
    open_steps(title, draw, key="persistauth:admin", t=panel.t)


def open_invitation(panel: Panel) -> None:
    """Open the dialog that invites a user."""
    open_admin_dialog(panel, Text("Invite user"), lambda: draw_invitation(panel))


def draw_invitation(panel: Panel) -> None:
    """Draw the form that invites a user; without mail, then the link."""
    t = panel.t
    with panel.checked() as signed_in:
        if signed_in is None:
            return
        step = current_step()
        if isinstance(step, Handover):
            draw_handover(step, t)
            return
        login_names = panel.services.login_names
        with st.form("persistauth:admin:invite", border=False):
            email = username = ""
            if login_names.has_emails:
                email = st.text_input(**t.label("Email"), autocomplete="off")
            if login_names.has_usernames:
                username = st.text_input(**t.label("Username"), autocomplete="off")
            name = st.text_input(**t.label("Full name"), autocomplete="off")
            roles = st.text_input(**t.label("Roles"), help=t("Separate roles with commas."))
            pressed = st.form_submit_button(
                t.name("Invite"), type="primary", key=widget_key("persistauth:admin:send")
            )
        if pressed:
            invite = partial(
                panel.services.invitations.create,
                email,
                username=username,
                full_name=name,
                roles=split_names(roles),
                by=signed_in.session.user_id,
            )
            _invite(panel, invite, has_email=bool(email.strip()))


def _invite(panel: Panel, create: Callable[[], str], *, has_email: bool) -> None:
    services = panel.services
    try:
        token = create()
    except AuthError as refusal:
        show_refusal(refusal, panel.t)
        return
    if services.mails.can_link and has_email:
        close(Text("The invitation was sent."))
    link = services.mails.link(TokenType.INVITATION, token) or token
    go_to(Handover(link, NO_ADDRESS if services.mails.can_link else NO_MAIL))


def open_sign_out(panel: Panel, session: Session, account: str) -> None:
    """Open the dialog that signs a user out on one device."""
    title = Text("Sign out this device?")
    open_admin_dialog(panel, title, lambda: _draw_sign_out(panel, session, account))


def _draw_sign_out(panel: Panel, session: Session, account: str) -> None:
    t = panel.t
    with panel.checked() as signed_in:
        if signed_in is None:
            return
        by = signed_in.session.user_id
        draw_box(st.warning, t("{user} will have to sign in again on this device.", user=account))
        choice = draw_choice(Text("Sign out"), t)
        if choice is False:
            close()
        if choice:
            run_and_close(
                lambda: panel.services.user_admin.end_session(session.id, by=by),
                Text("The device was signed out."),
                t,
            )


def run_and_close(action: Callable[[], object], done: Text, t: Translator) -> None:
    """Run an action and close the dialog; if it is refused, show why in the dialog."""
    try:
        action()
    except AuthError as refusal:
        show_refusal(refusal, t)
    else:
        close(done)


def show_refusal(refusal: AuthError, t: Translator) -> None:
    """Show why an action was refused."""
    draw_box(st.error, t(UNAVAILABLE if isinstance(refusal, StoreError) else refusal.message))


def draw_handover(handover: Handover, t: Translator) -> None:
    """Draw a link that the app does not send itself."""
    draw_box(st.info, t(handover.reason))
    st.code(handover.text, language=None, wrap_lines=True)


def split_names(typed: str) -> list[str]:
    """Return names that are separated by commas."""
    return [name for name in map(str.strip, typed.split(",")) if name]
