"""Proofs that an address belongs to whoever has the account."""

from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.administration import UserAdmin
from streamlit_persistauth.core.accounts.link_tokens import Link, Links
from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.core.storage.records import Pending, TokenType, UserChanges, UserRecord
from streamlit_persistauth.core.text.emails import canonical_email, email_key
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.core.throttle.throttle import Throttle
from streamlit_persistauth.errors import EmailTaken, InvalidEmail, InvalidLink
from streamlit_persistauth.models import NOBODY, Client


class Confirmations:
    """Sends links to addresses, and takes them back together with the account's password.

    A link alone proves nothing: who registers somebody else's address doesn't get the link, and
    who gets the link of an account that somebody else made doesn't know its password.
    """

    def __init__(
        self,
        accounts: Accounts,
        users: UserStore,
        tokens: TokenStore,
        links: Links,
        *,
        user_admin: UserAdmin,
        throttle: Throttle,
        mails: Mails,
        events: Events,
    ) -> None:
        """Wire the parts."""
        self._accounts = accounts
        self._directory = user_admin
        self._users = users
        self._tokens = tokens
        self._links = links
        self._throttle = throttle
        self._mails = mails
        self._events = events

    def request(self, email: str, *, client: Client = NOBODY) -> None:
        """Have the link of an unproven address sent again, if there is one.

        Raises:
            Throttled: Too many were asked for this address or from this network.
        """
        self._throttle.take(*limits.mails_from(client), limits.mail_to(email), client=client)
        self._mails.post(lambda: self._send_again(email, client))

    def send(self, owner: UserRecord, email: str, client: Client) -> None:
        """Send a link that proves an address for an account. Call it from a job."""
        token = self._links.create(TokenType.CONFIRMATION, owner, email=email)
        self._mails.confirmation_link(owner.user, email, token, language=client.language)

    def change_email(
        self, user_id: str, password: str, email: str, *, client: Client = NOBODY
    ) -> UserRecord | None:
        """Change the address of an account for who knows its password.

        Where mail can be sent, the change waits for the new address to be proven; then an address
        that is taken gets the same answer, and its owner a letter.

        Returns:
            The account as it is now, all its sign-ins ended; None where a link is on its way.

        Raises:
            WrongPassword: The password is another one.
            InvalidEmail: The address is none, or the one that the account has.
            EmailTaken: Another account has it. Never where mail can be sent.
            Throttled: There were too many tries.
            Busy: Too many passwords of this network are being checked; nothing is counted.
        """
        address = canonical_email(email)
        owner = self._accounts.reauthenticate(user_id, password, client=client)
        if address == owner.user.email:
            raise InvalidEmail("This is already your email address.")
        if not self._mails.can_link:
            return self._change_unproven(owner, address, client)
        self._throttle.take(*limits.mails_from(client), limits.mail_to(address), client=client)
        self._events.record(EventType.EMAIL_CHANGE_ASKED, user_id=user_id, client=client)
        self._mails.post(lambda: self._offer(owner, address, client))
        return None

    def confirm(self, token: str, password: str, *, client: Client = NOBODY) -> UserRecord:
        """Take a link back: the address is proven, and the account complete.

        A wrong password does not spend it.

        Returns:
            The account as it is now; all its sign-ins have ended.

        Raises:
            InvalidLink: The token does not count.
            WrongPassword: The password is not the account's.
            EmailTaken: Another account has got the address meanwhile.
            Throttled: There were too many tries.
            Busy: Too many passwords of this network are being checked; nothing is counted.
        """
        try:
            return self._confirm(token, password, client)
        except InvalidLink:
            self._events.record(EventType.LINK_REFUSED, client=client, purpose="confirmation")
            raise

    def _confirm(self, token: str, password: str, client: Client) -> UserRecord:
        link = self._links.look_up(TokenType.CONFIRMATION, token)
        self._accounts.reauthenticate(link.owner.user.id, password, client=client)
        link = self._links.redeem(TokenType.CONFIRMATION, token)
        if link.email == link.owner.user.email:
            return self._complete(link.owner, client)
        self._make_room(link)
        return self._change(link.owner, link.email, client)

    def _send_again(self, email: str, client: Client) -> None:
        owner = self._accounts.find(email)
        if owner is not None and owner.pending is Pending.CONFIRMATION:
            self.send(owner, owner.user.email, client)

    def _offer(self, owner: UserRecord, email: str, client: Client) -> None:
        """Send the link to a new address, or a letter to whom it belongs."""
        stored = self._users.find(email)
        if stored is None or stored.pending is Pending.CONFIRMATION:
            self.send(owner, email, client)
        else:
            self._refuse(owner, client)
            self._mails.already_registered(stored.user, language=client.language)

    def _make_room(self, link: Link) -> None:
        """Delete an account that was registered for this address and never proved it."""
        stored = self._users.find(link.email)
        if stored is not None and stored.pending is Pending.CONFIRMATION:
            self._directory.delete(stored.user.id)

    def _complete(self, owner: UserRecord, client: Client) -> UserRecord:
        changed = self._update(owner, {"pending": None})
        self._events.record(EventType.EMAIL_CONFIRMED, user_id=owner.user.id, client=client)
        return changed

    def _change(self, owner: UserRecord, email: str, client: Client) -> UserRecord:
        """Give an account another address, and tell it to the old one (ASVS 6.3.7)."""
        changed = self._update(owner, {"email": email, "email_key": email_key(email)})
        self._events.record(EventType.EMAIL_CHANGED, user_id=owner.user.id, client=client)
        self._mails.email_changed(owner.user, language=client.language)
        return changed

    def _change_unproven(self, owner: UserRecord, email: str, client: Client) -> UserRecord:
        """Give an account another address at once, where no mail can prove it.

        Raises:
            EmailTaken: Another account has it.
        """
        try:
            return self._change(owner, email, client)
        except EmailTaken:
            self._refuse(owner, client)
            raise

    def _refuse(self, owner: UserRecord, client: Client) -> None:
        """Record that a user asked for an address that another account has."""
        self._events.record(
            EventType.EMAIL_CHANGE_REFUSED,
            user_id=owner.user.id,
            client=client,
            reason="email taken",
        )

    def _update(self, owner: UserRecord, changes: UserChanges) -> UserRecord:
        """Change an account that is still as it was; all its sign-ins and links end.

        Raises:
            InvalidLink: It has changed meanwhile.
        """
        user_id = owner.user.id
        changes["security_stamp"] = new_id()
        if not self._users.update(user_id, changes, was=owner):
            raise InvalidLink
        self._tokens.end_user(user_id)
        changed = self._users.get(user_id)
        if changed is None:
            raise InvalidLink
        return changed
