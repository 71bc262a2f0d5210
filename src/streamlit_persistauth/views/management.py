"""What an administrator does with one account, in dialogs that ask before anything hurts."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import streamlit as st

from streamlit_persistauth.core.queries import status_of
from streamlit_persistauth.core.records import TokenType, UserRecord
from streamlit_persistauth.core.roles import ADMIN
from streamlit_persistauth.core.text import Text
from streamlit_persistauth.errors import AuthError, StoreError
from streamlit_persistauth.keys import widget_key
from streamlit_persistauth.models import Session
from streamlit_persistauth.own_state import page_values
from streamlit_persistauth.parts import Parts
from streamlit_persistauth.run import in_fragment
from streamlit_persistauth.ui.administration import draw_badges, draw_identity
from streamlit_persistauth.ui.dialog import open_dialog
from streamlit_persistauth.ui.labels import Labels
from streamlit_persistauth.ui.notices import UNAVAILABLE
from streamlit_persistauth.ui.small import draw_small
from streamlit_persistauth.ui.texts import draw_box, draw_button

TOAST: Final = "persistauth:admin:toast"
"""Where the next run finds what was done."""
_STEP: Final = "persistauth:admin:step"

Administrator = Callable[[Labels], Session | None]


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


class Management:
    """Draws the dialogs. Each run of one asks anew whether this still is an administrator."""

    def __init__(self, parts: Parts, administrator: Administrator) -> None:
        """Serve an app."""
        self._parts = parts
        self._administrator = administrator
        directory = parts.directory
        self._actions: dict[str, Action] = {
            "sign_out": Action(
                Text("Sign out everywhere"),
                Text("Every device of {email} is signed out, and links on their way are void."),
                "logout",
                Text("Every device is signed out."),
                lambda user_id, by: directory.sign_out(user_id, by=by),
            ),
            "disable": Action(
                Text("Disable account"),
                Text("{email} is signed out everywhere and can't sign in until you enable it."),
                "block",
                Text("The account is disabled."),
                lambda user_id, by: directory.disable(user_id, by=by),
            ),
            "delete": Action(
                Text("Delete account"),
                Text("{email} is deleted with everything that belongs to the account, for good."),
                "delete",
                Text("The account is deleted."),
                lambda user_id, by: directory.delete(user_id, by=by),
            ),
        }

    def manage(self, user_id: str, session: Session, say: Labels) -> None:
        """Open the dialog of an account."""
        _open(
            Text("Manage account"), lambda: self._draw_account(user_id, session.user_id, say), say
        )

    def invite(self, say: Labels) -> None:
        """Open the dialog that invites somebody."""
        _open(Text("Invite somebody"), lambda: self._draw_invitation(say), say)

    def end(self, session: Session, owner: UserRecord | None, say: Labels) -> None:
        """Open the dialog that ends a sign-in."""
        _open(Text("Sign out this device?"), lambda: self._draw_end(session, owner, say), say)

    def _draw_account(self, user_id: str, own_id: str, say: Labels) -> None:
        session = self._administrator(say)
        if session is None or session.user_id != own_id:
            return
        try:
            record = self._parts.users.get(user_id)
        except StoreError:
            draw_box(st.error, say(UNAVAILABLE))
            return
        if record is None:
            draw_box(st.info, say("This account is gone."))
            return
        self._draw_head(record, say)
        step = page_values().get(_STEP)
        if isinstance(step, str) and step in self._actions:
            self._draw_question(self._actions[step], record, own_id, say)
        elif isinstance(step, Handover):
            _draw_handover(step, say)
        else:
            self._draw_roles(record, own_id, say)
            self._draw_actions(record, own_id, say)

    def _draw_head(self, record: UserRecord, say: Labels) -> None:
        draw_identity(record, say, now=self._parts.clock())
        with st.container(horizontal=True, gap="xsmall"):
            draw_badges(record, say)

    def _draw_roles(self, record: UserRecord, own_id: str, say: Labels) -> None:
        user = record.user
        with st.form(f"persistauth:admin:roles:{user.id}", border=False):
            typed = st.text_input(
                **say.label("Roles"), value=", ".join(user.roles), help=say("Separated by commas.")
            )
            pressed = st.form_submit_button(say.name("Save roles"), key=widget_key(f"{_STEP}:save"))
        if not pressed:
            return
        roles = _names(typed)
        if user.id == own_id and ADMIN not in roles:
            draw_box(
                st.error, say("You can't take this role from yourself. Ask another administrator.")
            )
            return
        self._do(
            lambda: self._parts.directory.set_roles(user.id, roles, by=own_id),
            Text("The roles are saved."),
            say,
        )

    def _draw_actions(self, record: UserRecord, own_id: str, say: Labels) -> None:
        user, status = record.user, status_of(record)
        directory = self._parts.directory
        with st.container(horizontal=True):
            if status == "disabled" and draw_button(say("Enable account")):
                self._do(
                    lambda: directory.enable(user.id, by=own_id),
                    Text("The account is enabled."),
                    say,
                )
            if status == "active":
                mail = self._parts.letters.can_link
                label = say("Send reset link") if mail else say("Create reset link")
                if draw_button(label, icon=":material/lock_reset:"):
                    self._start_reset(user.id, own_id, say)
                self._offer("sign_out", say)
            if user.id == own_id:
                draw_small(say("This is your own account: nobody can lock themselves out here."))
                return
            if status != "disabled":
                self._offer("disable", say)
            self._offer("delete", say)

    def _offer(self, name: str, say: Labels) -> None:
        action = self._actions[name]
        if draw_button(say(action.label), icon=f":material/{action.icon}:"):
            page_values()[_STEP] = name
            _draw_anew()

    def _draw_question(self, action: Action, record: UserRecord, own_id: str, say: Labels) -> None:
        draw_box(st.warning, say(action.question, email=record.user.email))
        cancelled, confirmed = _draw_choice(action.label, say)
        if cancelled:
            _forget_step()
            _draw_anew()
        if confirmed:
            self._do(lambda: action.run(record.user.id, own_id), action.done, say)

    def _start_reset(self, user_id: str, own_id: str, say: Labels) -> None:
        try:
            started = self._parts.directory.start_reset(user_id, by=own_id)
        except AuthError as refusal:
            _say_refusal(refusal, say)
            return
        if started is None:
            draw_box(st.error, say("This account can have no new password now."))
        elif started.token is None:
            _close(Text("The link is on its way."))
        else:
            _hand_over(started.link or started.token)

    def _draw_invitation(self, say: Labels) -> None:
        session = self._administrator(say)
        if session is None:
            return
        step = page_values().get(_STEP)
        if isinstance(step, Handover):
            _draw_handover(step, say)
            return
        with st.form("persistauth:admin:invite", border=False):
            email = st.text_input(**say.label("Email"), autocomplete="off")
            name = st.text_input(**say.label("Full name"), autocomplete="off")
            roles = st.text_input(**say.label("Roles"), help=say("Separated by commas."))
            pressed = st.form_submit_button(
                say.name("Invite"), type="primary", key=widget_key(f"{_STEP}:invite")
            )
        if not pressed:
            return
        try:
            token = self._parts.invitations.create(
                email, full_name=name, roles=_names(roles), by=session.user_id
            )
        except AuthError as refusal:
            _say_refusal(refusal, say)
            return
        if self._parts.letters.can_link:
            _close(Text("The invitation is on its way."))
        _hand_over(self._parts.letters.link(TokenType.INVITATION, token) or token)

    def _draw_end(self, session: Session, owner: UserRecord | None, say: Labels) -> None:
        acting = self._administrator(say)
        if acting is None:
            return
        email = owner.user.email if owner else session.user_id
        draw_box(st.warning, say("{email} has to sign in again on this device.", email=email))
        cancelled, confirmed = _draw_choice(Text("Sign out"), say)
        if cancelled:
            st.rerun()
        if confirmed:
            self._do(
                lambda: self._parts.directory.end_session(session.id, by=acting.user_id),
                Text("The device is signed out."),
                say,
            )

    def _do(self, action: Callable[[], object], done: Text, say: Labels) -> None:
        """Do something, and close the dialog; or say in it why not."""
        try:
            action()
        except AuthError as refusal:
            _say_refusal(refusal, say)
        else:
            _close(done)


def _open(title: Text, draw: Callable[[], None], say: Labels) -> None:
    """Open a dialog at its first step; what it showed is forgotten when it is closed."""
    _forget_step()
    open_dialog(title, draw, key="persistauth:admin", say=say, dismissed=_forget_step)


def _forget_step() -> None:
    page_values().pop(_STEP, None)


def _names(typed: str) -> list[str]:
    """Return names that were typed with commas between them."""
    return [name for name in map(str.strip, typed.split(",")) if name]


def _draw_choice(yes: Text, say: Labels) -> tuple[bool, bool]:
    """Draw the two answers to a question; return whether it is no, and whether it is yes."""
    with st.container(horizontal=True, horizontal_alignment="right"):
        cancelled = draw_button(say("Cancel"))
        return cancelled, st.button(say.name(yes), type="primary", key=widget_key(f"{_STEP}:yes"))


def _hand_over(text: str) -> None:
    """Have the dialog show a link, or a token where the app does not know its own address."""
    page_values()[_STEP] = Handover(text)
    _draw_anew()


def _draw_handover(handover: Handover, say: Labels) -> None:
    """Show a link that nobody gets by mail."""
    draw_box(st.info, say("No mail is set up here. Hand this over yourself; it counts once."))
    st.code(handover.text, language=None, wrap_lines=True)


def _draw_anew() -> None:
    """Draw the next step of a dialog."""
    st.rerun(scope="fragment" if in_fragment() else "app")


def _say_refusal(refusal: AuthError, say: Labels) -> None:
    draw_box(st.error, say(UNAVAILABLE if isinstance(refusal, StoreError) else refusal.message))


def _close(done: Text) -> None:
    """Close the dialog, and have the page say what was done."""
    _forget_step()
    page_values()[TOAST] = done
    st.rerun()
