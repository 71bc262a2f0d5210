"""The admin panel's dialog that manages one account; it asks before a destructive action."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import streamlit as st

from streamlit_persistauth.core.accounts.administration import UserAdmin
from streamlit_persistauth.core.accounts.roles import ADMIN
from streamlit_persistauth.core.storage.queries import status_of
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.errors import AuthError
from streamlit_persistauth.models import Session
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.text import Text
from streamlit_persistauth.ui.dialog import close, current_step, draw_choice, go_to
from streamlit_persistauth.ui.elements import draw_box, draw_button
from streamlit_persistauth.ui.small_print import draw_small
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.ui.user_list import draw_badges, draw_identity
from streamlit_persistauth.views.admin_dialogs import (
    NO_ADDRESS,
    NO_MAIL,
    Handover,
    draw_handover,
    open_admin_dialog,
    run_and_close,
    show_refusal,
    split_names,
)
from streamlit_persistauth.views.panel import Panel


@dataclass(frozen=True, slots=True)
class Action:
    """A destructive action.

    Attributes:
        label: The text of its button.
        question: What it does, with `{user}`; shown before it is confirmed.
        icon: The name of its icon in Material Symbols.
        done: The toast after it.
        run: Does it, given the ids of the account and of the administrator.
    """

    label: Text
    question: Text
    icon: str
    done: Text
    run: Callable[[str, str], object]


def open_account(panel: Panel, user_id: str, session: Session) -> None:
    """Open the dialog for the administrator of this session."""
    own_id = session.user_id
    title = Text("Manage account")
    open_admin_dialog(panel, title, lambda: draw_account(panel, user_id, own_id))


def draw_account(panel: Panel, user_id: str, own_id: str) -> None:
    """Draw the current step of the dialog.

    Args:
        panel: The admin panel.
        user_id: The id of the account.
        own_id: The id of the administrator who opened the dialog; nothing is drawn for another.
    """
    t = panel.t
    with panel.checked() as signed_in:
        if signed_in is None or signed_in.session.user_id != own_id:
            return
        record = panel.services.users.get(user_id)
        if record is None:
            draw_box(st.info, t("This account no longer exists."))
            return
        account = _Account(panel, record, own_id, t)
        draw_identity(record, account.name, t, now=panel.services.clock())
        with st.container(horizontal=True, gap="xsmall"):
            draw_badges(record, t)
        step = current_step()
        action = account.actions.get(step) if isinstance(step, str) else None
        if action is not None:
            account.draw_question(action)
        elif isinstance(step, Handover):
            draw_handover(step, t)
        else:
            account.draw_username()
            account.draw_roles()
            account.draw_actions()


@dataclass(frozen=True, slots=True)
class _Account:
    """The account of an open dialog.

    Attributes:
        panel: The admin panel.
        record: The account.
        own_id: The id of the administrator.
        t: The texts.
    """

    panel: Panel
    record: UserRecord
    own_id: str
    t: Translator

    @property
    def admin(self) -> UserAdmin:
        """The rules for administrators."""
        return self.panel.services.user_admin

    @property
    def name(self) -> str:
        """The name of the account."""
        return self.panel.services.login_names.name_of(self.record.user)

    @property
    def actions(self) -> Mapping[str, Action]:
        """The destructive actions, by the name of their step."""
        return {
            "sign_out": Action(
                Text("Sign out everywhere"),
                Text(
                    "This signs {user} out on all devices. Links that were already sent stop "
                    "working."
                ),
                "logout",
                Text("All devices were signed out."),
                lambda user_id, by: self.admin.sign_out(user_id, by=by),
            ),
            "disable": Action(
                Text("Disable account"),
                Text(
                    "This signs {user} out on all devices. The account can't be used until you "
                    "enable it again."
                ),
                "block",
                Text("The account was disabled."),
                lambda user_id, by: self.admin.disable(user_id, by=by),
            ),
            "delete": Action(
                Text("Delete account"),
                Text("This permanently deletes {user} and everything that belongs to the account."),
                "delete",
                Text("The account was deleted."),
                lambda user_id, by: self.admin.delete(user_id, by=by),
            ),
        }

    def draw_username(self) -> None:
        """Draw the form that changes the username, where users sign in by username."""
        user, t = self.record.user, self.t
        if not self.panel.services.login_names.has_usernames:
            return
        with st.form(f"persistauth:admin:username:{user.id}", border=False):
            typed = st.text_input(
                **t.label("Username"),
                value=user.username,
                autocomplete="off",
                help=t("The user stays signed in, and signs in by the new username from then on."),
            )
            pressed = st.form_submit_button(
                t.name("Save username"), key=widget_key("persistauth:admin:save_username")
            )
        if pressed:
            run_and_close(
                lambda: self.admin.set_username(user.id, typed, by=self.own_id),
                Text("The username was saved."),
                t,
            )

    def draw_roles(self) -> None:
        """Draw the form that changes the roles."""
        user, t = self.record.user, self.t
        with st.form(f"persistauth:admin:roles:{user.id}", border=False):
            typed = st.text_input(
                **t.label("Roles"),
                value=", ".join(user.roles),
                help=t("Separate roles with commas."),
            )
            pressed = st.form_submit_button(
                t.name("Save roles"), key=widget_key("persistauth:admin:save")
            )
        if not pressed:
            return
        roles = split_names(typed)
        if user.id == self.own_id and ADMIN not in roles:
            draw_box(
                st.error,
                t("You can't remove your own administrator role. Ask another administrator."),
            )
            return
        run_and_close(
            lambda: self.admin.set_roles(user.id, roles, by=self.own_id),
            Text("The roles were saved."),
            t,
        )

    def draw_actions(self) -> None:
        """Draw the buttons that the status of the account allows."""
        user, status, t = self.record.user, status_of(self.record), self.t
        with st.container(horizontal=True):
            if status == "disabled" and draw_button(t("Enable account")):
                run_and_close(
                    lambda: self.admin.enable(user.id, by=self.own_id),
                    Text("The account was enabled."),
                    t,
                )
            if status == "active":
                mail = bool(user.email) and self.panel.services.mails.can_link
                label = t("Send reset link") if mail else t("Create reset link")
                if draw_button(label, icon=":material/lock_reset:"):
                    self._start_reset()
                self._offer("sign_out")
            if user.id == self.own_id:
                draw_small(t("This is your own account. You can't disable or delete it here."))
                return
            if status != "disabled":
                self._offer("disable")
            self._offer("delete")

    def draw_question(self, action: Action) -> None:
        """Draw what an action does, and ask for confirmation."""
        user = self.record.user
        draw_box(st.warning, self.t(action.question, user=self.name))
        choice = draw_choice(action.label, self.t)
        if choice is False:
            go_to(None)
        if choice:
            run_and_close(lambda: action.run(user.id, self.own_id), action.done, self.t)

    def _offer(self, name: str) -> None:
        action = self.actions[name]
        if draw_button(self.t(action.label), icon=f":material/{action.icon}:"):
            go_to(name)

    def _start_reset(self) -> None:
        try:
            started = self.admin.start_reset(self.record.user.id, by=self.own_id)
        except AuthError as refusal:
            show_refusal(refusal, self.t)
            return
        if started is None:
            draw_box(st.error, self.t("The password of this account can't be reset right now."))
        elif started.token is None:
            close(Text("The reset link was sent."))
        else:
            reason = NO_ADDRESS if self.panel.services.mails.can_link else NO_MAIL
            go_to(Handover(started.link or started.token, reason))
