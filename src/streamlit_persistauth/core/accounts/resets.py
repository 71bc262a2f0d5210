"""The reset of forgotten passwords."""

from dataclasses import KW_ONLY, dataclass

from streamlit_persistauth.core.accounts.link_tokens import Links
from streamlit_persistauth.core.accounts.login_names import LoginNames
from streamlit_persistauth.core.accounts.mail_requests import MailRequests
from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.accounts.password_changes import PasswordChanges
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.storage.records import Pending, TokenType, UserRecord
from streamlit_persistauth.errors import InvalidEmail, InvalidLink
from streamlit_persistauth.models import NOBODY, Client, User


@dataclass(frozen=True, eq=False, repr=False)
class Resets:
    """Issues reset tokens, and sets a new password for a token."""

    login_names: LoginNames
    password_changes: PasswordChanges
    links: Links
    _: KW_ONLY
    mail_requests: MailRequests
    mails: Mails
    events: Events

    def request(self, identifier: str, *, client: Client = NOBODY) -> None:
        """Send a reset link to the address of an account, if there is one.

        Neither the result nor the duration reveals whether the account exists.

        Args:
            identifier: The address, or where users sign in with it the username, as entered.
            client: The origin of the request.

        Raises:
            InvalidEmail: Users sign in with their address, and the text has no `@`.
            Throttled: Too many mails were requested for this login name, which may belong to no
                account, or from this network.
        """
        name = self.login_names.read_any(identifier)
        self.mail_requests.post(
            name, lambda owner: self._send(owner, client), purpose="reset", client=client
        )

    def create(self, identifier: str, *, client: Client = NOBODY) -> str | None:
        """Return a reset token for the account with a login name, or None if it can have none.

        The token replaces an earlier one. Do not show a visitor whether the result was None.

        Raises:
            Throttled: As `request`.
        """
        try:
            name = self.login_names.read_any(identifier)
        except InvalidEmail:
            return None
        self.mail_requests.take(name, client=client)
        owner = self.login_names.find(name)
        return self.make(owner, client=client) if owner else None

    def reset(self, token: str, password: str, *, client: Client = NOBODY) -> User:
        """Set a new password with a token, and revoke all sessions and links of the user.

        The change itself revokes the token, so the token stays valid while the password is the old
        one: also if the policy rejects the new password, or the store fails.

        Raises:
            InvalidLink: The token is not valid.
            InvalidPassword: The policy rejects the password.
            StoreError: The store failed; nothing is changed.
        """
        try:
            changed = self._set_password(token, password, client)
        except InvalidLink:
            self.events.record(EventType.LINK_REFUSED, client=client, purpose="reset")
            raise
        self.events.record(EventType.PASSWORD_RESET, user_id=changed.id, client=client)
        return changed

    def make(
        self, owner: UserRecord, *, client: Client = NOBODY, by: str | None = None
    ) -> str | None:
        """Return a reset token for an account, or None for a disabled or invited one.

        No rate limit applies, so do not call this for a visitor.

        Args:
            owner: The account.
            client: The origin of the request.
            by: The id of the administrator who requested it, if any.
        """
        if not owner.user.is_active or owner.pending is Pending.INVITATION:
            return None
        token = self.links.create(TokenType.RESET, owner, email=owner.user.email)
        self.events.record(
            EventType.PASSWORD_RESET_REQUESTED, user_id=owner.user.id, client=client, by=by
        )
        return token

    def send(self, user: User, token: str) -> bool:
        """Queue a mail with a token to its user; return whether the user can get mail."""
        can_send = self.mails.can_link and bool(user.email)
        if can_send:
            self.mails.post(lambda: self.mails.reset_link(user, token))
        return can_send

    def link(self, token: str) -> str | None:
        """Return the link for a token, or None without `PERSISTAUTH_PUBLIC_URL`."""
        return self.mails.link(TokenType.RESET, token)

    def _send(self, owner: UserRecord, client: Client) -> None:
        token = self.make(owner, client=client)
        if token is not None:
            self.mails.reset_link(owner.user, token, language=client.language)

    def _set_password(self, token: str, password: str, client: Client) -> User:
        owner = self.links.look_up(TokenType.RESET, token).owner
        self.password_changes.check(owner, password)
        changed = self.password_changes.set(owner, password)
        if changed is None:
            raise InvalidLink
        self.mails.password_changed(changed.user, language=client.language)
        return changed.user
