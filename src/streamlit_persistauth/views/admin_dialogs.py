"""What an administrator does with one account, in dialogs that ask before anything hurts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from streamlit_persistauth.core.accounts.roles import ADMIN
from streamlit_persistauth.core.storage.queries import status_of
from streamlit_persistauth.core.storage.records import TokenType, UserRecord
from streamlit_persistauth.errors import AuthError, StoreError
from streamlit_persistauth.models import Session
from streamlit_persistauth.runtime.own_state import page_values
from streamlit_persistauth.runtime.script_run import in_fragment
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.dialog import open_dialog
from streamlit_persistauth.ui.notices import UNAVAILABLE
from streamlit_persistauth.ui.small import draw_small
from streamlit_persistauth.ui.texts import draw_box, draw_button
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.ui.user_list import draw_badges, draw_identity
from streamlit_persistauth.wiring.services import Services

TOAST: Final = "persistauth:admin:toast"
"""Where the next run finds what was done."""
_STEP: Final = "persistauth:admin:step"

Administrator = Callable[[Translator], Session | None]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that is asked about before it is done.

    Attributes:
        label: What stands on the button.
        question: What is asked, with `{email}`.
        icon: What is drawn beside it, by its name in Material.
        done: What is said when it is done.
        run: Does it: takes whose account, and who acts.
    """

    label: Text
    question: Text
    icon: str
    done: Text
    run: Callable[[str, str], object]


@dataclass(frozen=True, slots=True)
class Handover:
    """The step of a dialog that shows what an administrator hands over."""

    text: str = field(repr=False)


class AdminDialogs:
    """Draws the dialogs. Each run of one asks anew whether this still is an administrator."""

    def __init__(self, services: Services, administrator: Administrator) -> None:
        """Serve an app."""
        self._services = services
        self._administrator = administrator
        user_admin = services.user_admin
        self._actions: dict[str, Action] = {
            "sign_out": Action(
                Text("Sign out everywhere"),
                Text("Every device of {email} is signed out, and links on their way are void."),
                "logout",
                Text("Every device is signed out."),
                lambda user_id, by: user_admin.sign_out(user_id, by=by),
            ),
            "disable": Action(
                Text("Disable account"),
                Text("{email} is signed out everywhere and can't sign in until you enable it."),
                "block",
                Text("The account is disabled."),
                lambda user_id, by: user_admin.disable(user_id, by=by),
            ),
            "delete": Action(
                Text("Delete account"),
                Text("{email} is deleted with everything that belongs to the account, for good."),
                "delete",
                Text("The account is deleted."),
                lambda user_id, by: user_admin.delete(user_id, by=by),
            ),
        }

    def manage(self, user_id: str, session: Session, t: Translator) -> None:
        """Open the dialog of an account."""
        _open(Text("Manage account"), lambda: self._draw_account(user_id, session.user_id, t), t)

    def invite(self, t: Translator) -> None:
        """Open the dialog that invites somebody."""
        _open(Text("Invite somebody"), lambda: self._draw_invitation(t), t)

    def end(self, session: Session, owner: UserRecord | None, t: Translator) -> None:
        """Open the dialog that ends a sign-in."""
        _open(Text("Sign out this device?"), lambda: self._draw_end(session, owner, t), t)

    def _draw_account(self, user_id: str, own_id: str, t: Translator) -> None:
        session = self._administrator(t)
        if session is None or session.user_id != own_id:
            return
        try:
            record = self._services.users.get(user_id)
        except StoreError:
            draw_box(st.error, t(UNAVAILABLE))
            return
        if record is None:
            draw_box(st.info, t("This account is gone."))
            return
        self._draw_head(record, t)
        step = page_values().get(_STEP)
        if isinstance(step, str) and step in self._actions:
            self._draw_question(self._actions[step], record, own_id, t)
        elif isinstance(step, Handover):
            _draw_handover(step, t)
        else:
            self._draw_roles(record, own_id, t)
            self._draw_actions(record, own_id, t)

    def _draw_head(self, record: UserRecord, t: Translator) -> None:
        draw_identity(record, t, now=self._services.clock())
        with st.container(horizontal=True, gap="xsmall"):
            draw_badges(record, t)

    def _draw_roles(self, record: UserRecord, own_id: str, t: Translator) -> None:
        user = record.user
        with st.form(f"persistauth:admin:roles:{user.id}", border=False):
            typed = st.text_input(
                **t.label("Roles"), value=", ".join(user.roles), help=t("Separated by commas.")
            )
            pressed = st.form_submit_button(t.name("Save roles"), key=widget_key(f"{_STEP}:save"))
        if not pressed:
            return
        roles = _names(typed)
        if user.id == own_id and ADMIN not in roles:
            draw_box(
                st.error, t("You can't take this role from yourself. Ask another administrator.")
            )
            return
        self._do(
            lambda: self._services.user_admin.set_roles(user.id, roles, by=own_id),
            Text("The roles are saved."),
            t,
        )

    def _draw_actions(self, record: UserRecord, own_id: str, t: Translator) -> None:
        user, status = record.user, status_of(record)
        user_admin = self._services.user_admin
        with st.container(horizontal=True):
            if status == "disabled" and draw_button(t("Enable account")):
                self._do(
                    lambda: user_admin.enable(user.id, by=own_id),
                    Text("The account is enabled."),
                    t,
                )
            if status == "active":
                mail = self._services.mails.can_link
                label = t("Send reset link") if mail else t("Create reset link")
                if draw_button(label, icon=":material/lock_reset:"):
                    self._start_reset(user.id, own_id, t)
                self._offer("sign_out", t)
            if user.id == own_id:
                draw_small(t("This is your own account: nobody can lock themselves out here."))
                return
            if status != "disabled":
                self._offer("disable", t)
            self._offer("delete", t)

    def _offer(self, name: str, t: Translator) -> None:
        action = self._actions[name]
        if draw_button(t(action.label), icon=f":material/{action.icon}:"):
            page_values()[_STEP] = name
            _draw_anew()

    def _draw_question(
        self, action: Action, record: UserRecord, own_id: str, t: Translator
    ) -> None:
        draw_box(st.warning, t(action.question, email=record.user.email))
        cancelled, confirmed = _draw_choice(action.label, t)
        if cancelled:
            _forget_step()
            _draw_anew()
        if confirmed:
            self._do(lambda: action.run(record.user.id, own_id), action.done, t)

    def _start_reset(self, user_id: str, own_id: str, t: Translator) -> None:
        try:
            started = self._services.user_admin.start_reset(user_id, by=own_id)
        except AuthError as refusal:
            _say_refusal(refusal, t)
            return
        if started is None:
            draw_box(st.error, t("This account can have no new password now."))
        elif started.token is None:
            _close(Text("The link is on its way."))
        else:
            _hand_over(started.link or started.token)

    def _draw_invitation(self, t: Translator) -> None:
        session = self._administrator(t)
        if session is None:
            return
        step = page_values().get(_STEP)
        if isinstance(step, Handover):
            _draw_handover(step, t)
            return
        with st.form("persistauth:admin:invite", border=False):
            email = st.text_input(**t.label("Email"), autocomplete="off")
            name = st.text_input(**t.label("Full name"), autocomplete="off")
            roles = st.text_input(**t.label("Roles"), help=t("Separated by commas."))
            pressed = st.form_submit_button(
                t.name("Invite"), type="primary", key=widget_key(f"{_STEP}:invite")
            )
        if not pressed:
            return
        try:
            token = self._services.invitations.create(
                email, full_name=name, roles=_names(roles), by=session.user_id
            )
        except AuthError as refusal:
            _say_refusal(refusal, t)
            return
        if self._services.mails.can_link:
            _close(Text("The invitation is on its way."))
        _hand_over(self._services.mails.link(TokenType.INVITATION, token) or token)

    def _draw_end(self, session: Session, owner: UserRecord | None, t: Translator) -> None:
        acting = self._administrator(t)
        if acting is None:
            return
        email = owner.user.email if owner else session.user_id
        draw_box(st.warning, t("{email} has to sign in again on this device.", email=email))
        cancelled, confirmed = _draw_choice(Text("Sign out"), t)
        if cancelled:
            st.rerun()
        if confirmed:
            self._do(
                lambda: self._services.user_admin.end_session(session.id, by=acting.user_id),
                Text("The device is signed out."),
                t,
            )

    def _do(self, action: Callable[[], object], done: Text, t: Translator) -> None:
        """Do something, and close the dialog; or say in it why not."""
        try:
            action()
        except AuthError as refusal:
            _say_refusal(refusal, t)
        else:
            _close(done)


def _open(title: Text, draw: Callable[[], None], t: Translator) -> None:
    """Open a dialog at its first step; what it showed is forgotten when it is closed."""
    _forget_step()
    open_dialog(title, draw, key="persistauth:admin", t=t, dismissed=_forget_step)


def _forget_step() -> None:
    page_values().pop(_STEP, None)


def _names(typed: str) -> list[str]:
    """Return names that were typed with commas between them."""
    return [name for name in map(str.strip, typed.split(",")) if name]


def _draw_choice(yes: Text, t: Translator) -> tuple[bool, bool]:
    """Draw the two answers to a question; return whether it is no, and whether it is yes."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        cancelled = draw_button(t("Cancel"))
        return cancelled, st.button(t.name(yes), type="primary", key=widget_key(f"{_STEP}:yes"))


def _hand_over(text: str) -> None:
    """Have the dialog show a link, or a token where the app does not know its own address."""
    page_values()[_STEP] = Handover(text)
    _draw_anew()


def _draw_handover(handover: Handover, t: Translator) -> None:
    """Show a link that nobody gets by mail."""
    draw_box(st.info, t("No mail is set up here. Hand this over yourself; it counts once."))
    st.code(handover.text, language=None, wrap_lines=True)


def _draw_anew() -> None:
    """Draw the next step of a dialog."""
    st.rerun(scope="fragment" if in_fragment() else "app")


def _say_refusal(refusal: AuthError, t: Translator) -> None:
    draw_box(st.error, t(UNAVAILABLE if isinstance(refusal, StoreError) else refusal.message))


def _close(done: Text) -> None:
    """Close the dialog, and have the page say what was done."""
    _forget_step()
    page_values()[TOAST] = done
    st.rerun()
