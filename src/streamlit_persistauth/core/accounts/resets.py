"""The reset of forgotten passwords."""

from dataclasses import KW_ONLY, dataclass

from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.link_tokens import Links
from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.accounts.password_changes import PasswordChanges
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.storage.records import Pending, TokenType, UserRecord
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.core.throttle.throttle import Throttle
from streamlit_persistauth.errors import InvalidLink
from streamlit_persistauth.models import NOBODY, Client, User


@dataclass(frozen=True, eq=False, repr=False)
class Resets:
    """Issues reset tokens, and sets a new password for a token."""

    accounts: Accounts
    password_changes: PasswordChanges
    links: Links
    _: KW_ONLY
    throttle: Throttle
    mails: Mails
    events: Events

    def request(self, email: str, *, client: Client = NOBODY) -> None:
        """Send a reset link to an address, if an account has it.

        The account is looked up after the call has returned, so neither its result nor its duration
        reveals whether the account exists.

        Raises:
            Throttled: Too many mails were requested for this address, which may have no account,
                or from this network.
        """
        self.throttle.take(*limits.mails_from(client), limits.mail_to(email), client=client)
        self.mails.post(lambda: self._send(email, client))

    def create(self, email: str, *, client: Client = NOBODY) -> str | None:
        """Return a reset token for the account with an address, or None if it can have none.

        The token replaces an earlier one. Do not show a visitor whether the result was None.

        Raises:
            Throttled: As `request`.
        """
        self.throttle.take(*limits.mails_from(client), limits.mail_to(email), client=client)
        made = self._create(email, client)
        return made[1] if made else None

    def reset(self, token: str, password: str, *, client: Client = NOBODY) -> User:
        """Set a new password with a token, and revoke all sessions and links of the user.

        A password that the policy rejects does not use up the token. Otherwise the token is used up
        before anything changes.

        Raises:
            InvalidLink: The token is not valid.
            InvalidPassword: The policy rejects the password.
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
        """Queue a mail with a token to its user; return whether mail is set up."""
        if self.mails.can_link:
            self.mails.post(lambda: self.mails.reset_link(user, token))
        return self.mails.can_link

    def link(self, token: str) -> str | None:
        """Return the link for a token, or None without `PERSISTAUTH_PUBLIC_URL`."""
        return self.mails.link(TokenType.RESET, token)

    def _create(self, email: str, client: Client) -> tuple[User, str] | None:
        owner = self.accounts.find(email)
        token = self.make(owner, client=client) if owner else None
        return (owner.user, token) if owner and token else None

    def _send(self, email: str, client: Client) -> None:
        made = self._create(email, client)
        if made is not None:
            self.mails.reset_link(*made, language=client.language)

    def _set_password(self, token: str, password: str, client: Client) -> User:
        owner = self.links.look_up(TokenType.RESET, token).owner
        self.password_changes.check(owner, password)
        owner = self.links.redeem(TokenType.RESET, token).owner
        changed = self.password_changes.set(owner, password)
        if changed is None:
            raise InvalidLink
        self.mails.password_changed(changed.user, language=client.language)
        return changed.user
