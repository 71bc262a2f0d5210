"""A new password for who has lost the old one."""

from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.link_tokens import Links
from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.storage.records import Pending, TokenType, UserRecord
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.core.throttle.throttle import Throttle
from streamlit_persistauth.errors import InvalidLink
from streamlit_persistauth.models import NOBODY, Client, User


class Resets:
    """Gives out reset tokens, and takes a new password for one."""

    def __init__(
        self,
        accounts: Accounts,
        links: Links,
        *,
        throttle: Throttle,
        mails: Mails,
        events: Events,
    ) -> None:
        """Wire the parts."""
        self._mails = mails
        self._accounts = accounts
        self._links = links
        self._throttle = throttle
        self._events = events

    def request(self, email: str, *, client: Client = NOBODY) -> None:
        """Have a reset link sent to an address, if there is an account with it.

        Nothing that depends on whether there is one happens before this returns.

        Raises:
            Throttled: Too many were asked for this address, which may have no account, or from
                this network.
        """
        self._throttle.take(*limits.mails_from(client), limits.mail_to(email), client=client)
        self._mails.post(lambda: self._send(email, client))

    def create(self, email: str, *, client: Client = NOBODY) -> str | None:
        """Return a reset token for the account of an address; None where it can have none.

        A token made before stops counting. Whether there was an account is nothing to show to
        whoever asked.

        Raises:
            Throttled: As `request`.
        """
        self._throttle.take(*limits.mails_from(client), limits.mail_to(email), client=client)
        made = self._create(email, client)
        return made[1] if made else None

    def reset(self, token: str, password: str, *, client: Client = NOBODY) -> User:
        """Set a new password for a token; all sign-ins and links of the user end.

        A password that the policy refuses does not spend the token. An accepted one does so before
        anything changes.

        Raises:
            InvalidLink: The token does not count.
            InvalidPassword: The policy refuses the password.
        """
        try:
            changed = self._set_password(token, password, client)
        except InvalidLink:
            self._events.record(EventType.LINK_REFUSED, client=client, purpose="reset")
            raise
        self._events.record(EventType.PASSWORD_RESET, user_id=changed.id, client=client)
        return changed

    def make(
        self, owner: UserRecord, *, client: Client = NOBODY, by: str | None = None
    ) -> str | None:
        """Return a reset token for an account; None where it can have none.

        Uncounted: not for whoever comes to the page.

        Args:
            owner: The account.
            client: From where it was asked for.
            by: The id of the administrator who started it, if one did.
        """
        if not owner.user.is_active or owner.pending is Pending.INVITATION:
            return None
        token = self._links.create(TokenType.RESET, owner, email=owner.user.email)
        self._events.record(
            EventType.PASSWORD_RESET_ASKED, user_id=owner.user.id, client=client, by=by
        )
        return token

    def send(self, user: User, token: str) -> bool:
        """Have a token sent to its owner soon; return whether mail is set up."""
        if self._mails.can_link:
            self._mails.post(lambda: self._mails.reset_link(user, token))
        return self._mails.can_link

    def link(self, token: str) -> str | None:
        """Return the address that takes a token; None where the app doesn't know its own."""
        return self._mails.link(TokenType.RESET, token)

    def _create(self, email: str, client: Client) -> tuple[User, str] | None:
        owner = self._accounts.find(email)
        token = self.make(owner, client=client) if owner else None
        return (owner.user, token) if owner and token else None

    def _send(self, email: str, client: Client) -> None:
        made = self._create(email, client)
        if made is not None:
            self._mails.reset_link(*made, language=client.language)

    def _set_password(self, token: str, password: str, client: Client) -> User:
        owner = self._links.look_up(TokenType.RESET, token).owner
        self._accounts.check_new_password(owner, password)
        owner = self._links.redeem(TokenType.RESET, token).owner
        changed = self._accounts.set_password(owner, password)
        if changed is None:
            raise InvalidLink
        self._mails.password_changed(changed.user, language=client.language)
        return changed.user
