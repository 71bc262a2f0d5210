"""The confirmation of email addresses, at registration and when an address changes."""

from dataclasses import KW_ONLY, dataclass

from streamlit_persistauth.core.accounts.account_changes import AccountChanges
from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.administration import UserAdmin
from streamlit_persistauth.core.accounts.link_tokens import Link, Links
from streamlit_persistauth.core.accounts.login_names import LoginNames
from streamlit_persistauth.core.accounts.mail_requests import MailRequests
from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.records import Pending, TokenType, UserChanges, UserRecord
from streamlit_persistauth.core.text.emails import email_key
from streamlit_persistauth.core.text.mail_domains import MailDomains
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.core.throttle.throttle import Throttle
from streamlit_persistauth.errors import DomainNotAllowed, EmailTaken, InvalidEmail, InvalidLink
from streamlit_persistauth.models import NOBODY, Client


@dataclass(frozen=True, eq=False, repr=False)
class Confirmations:
    """Sends confirmation links, and redeems them together with the account's password.

    Link and password together confirm an address. A user who registers another person's address
    does not get the link, and that person does not know the password.
    """

    accounts: Accounts
    account_changes: AccountChanges
    users: UserStore
    links: Links
    _: KW_ONLY
    login_names: LoginNames
    mail_requests: MailRequests
    user_admin: UserAdmin
    throttle: Throttle
    mails: Mails
    events: Events
    domains: MailDomains

    def request(self, identifier: str, *, client: Client = NOBODY) -> None:
        """Send the link for an unconfirmed address again, if the account with a login name has one.

        Raises:
            InvalidEmail: Users sign in with their address, and the text has no `@`.
            Throttled: Too many mails were requested for this login name or from this network.
        """
        name = self.login_names.read_any(identifier)
        self.mail_requests.post(
            name,
            lambda owner: self._send_again(owner, client),
            purpose="confirmation",
            client=client,
        )

    def send(self, owner: UserRecord, email: str, client: Client) -> None:
        """Send a confirmation link to an address. Call this from a job."""
        token = self.links.create(TokenType.CONFIRMATION, owner, email=email)
        self.mails.confirmation_link(owner.user, email, token, language=client.language)

    def change_email(
        self, user_id: str, password: str, email: str, *, client: Client = NOBODY
    ) -> UserRecord | None:
        """Change the address of a user who knows the password.

        If mail is set up, the change waits until the new address is confirmed. An address that is
        taken then gets the same answer, and its owner gets a mail.

        Returns:
            The changed account, whose sessions are revoked; None if a link was sent.

        Raises:
            WrongPassword: The password is wrong.
            InvalidEmail: The text is not an email address, or is the current one.
            DomainNotAllowed: Addresses of this domain may not be used.
            EmailTaken: Another account has the address. Not raised if mail is set up.
            Throttled: Too many attempts.
            Busy: Too many passwords from this network are being checked. Nothing is counted.
        """
        address = self.login_names.clean_email(email)
        owner = self.accounts.reauthenticate(user_id, password, client=client)
        if address == owner.user.email:
            raise InvalidEmail("This is already your email address.")
        self._require_domain(owner, address, client)
        if not self.mails.can_link:
            return self._change_unconfirmed(owner, address, client)
        self.throttle.take(*limits.mails_from(client), limits.mail_to(address), client=client)
        self.events.record(EventType.EMAIL_CHANGE_REQUESTED, user_id=user_id, client=client)
        self.mails.post(lambda: self._send_or_notify(owner, address, client))
        return None

    def confirm(self, token: str, password: str, *, client: Client = NOBODY) -> UserRecord:
        """Redeem a link: confirm the address, and complete the account or change its address.

        The change itself revokes the link. A wrong password, an address that is taken, or a store
        that fails leaves it valid.

        Returns:
            The changed account, whose sessions are revoked.

        Raises:
            InvalidLink: The token is not valid.
            WrongPassword: The password is wrong.
            EmailTaken: Another account has the address by now.
            Throttled: Too many attempts.
            Busy: Too many passwords from this network are being checked. Nothing is counted.
            StoreError: The store failed; the address is not confirmed.
        """
        try:
            return self._confirm(token, password, client)
        except InvalidLink:
            self.events.record(EventType.LINK_REFUSED, client=client, purpose="confirmation")
            raise

    def _confirm(self, token: str, password: str, client: Client) -> UserRecord:
        link = self.links.look_up(TokenType.CONFIRMATION, token)
        self.accounts.reauthenticate(link.owner.user.id, password, client=client)
        link = self.links.look_up(TokenType.CONFIRMATION, token)  # as it is after the check
        if link.email == link.owner.user.email:
            return self._complete(link.owner, client)
        self._delete_unconfirmed(link)
        return self._change(link.owner, link.email, client)

    def _send_again(self, owner: UserRecord, client: Client) -> None:
        if owner.pending is Pending.CONFIRMATION:
            self.send(owner, owner.user.email, client)

    def _send_or_notify(self, owner: UserRecord, email: str, client: Client) -> None:
        """Send the link to a new address, or a notice to the account that has it."""
        stored = self.users.find(email)
        if stored is None or stored.pending is Pending.CONFIRMATION:
            self.send(owner, email, client)
        else:
            self._refuse(owner, client)
            self.mails.already_registered(stored.user, language=client.language)

    def _delete_unconfirmed(self, link: Link) -> None:
        """Delete an account that was registered for this address and never confirmed."""
        stored = self.users.find(link.email)
        if stored is not None and stored.pending is Pending.CONFIRMATION:
            self.user_admin.delete(stored.user.id)

    def _complete(self, owner: UserRecord, client: Client) -> UserRecord:
        changed = self._update(owner, {"pending": None})
        self.events.record(EventType.EMAIL_CONFIRMED, user_id=owner.user.id, client=client)
        return changed

    def _change(self, owner: UserRecord, email: str, client: Client) -> UserRecord:
        """Change the address of an account, and notify the former one (ASVS 6.3.7)."""
        changed = self._update(owner, {"email": email, "email_key": email_key(email)})
        self.events.record(EventType.EMAIL_CHANGED, user_id=owner.user.id, client=client)
        self.mails.email_changed(owner.user, language=client.language)
        return changed

    def _change_unconfirmed(self, owner: UserRecord, email: str, client: Client) -> UserRecord:
        """Change the address of an account immediately, because no mail can confirm it.

        Raises:
            EmailTaken: Another account has the address.
        """
        try:
            return self._change(owner, email, client)
        except EmailTaken:
            self._refuse(owner, client)
            raise

    def _require_domain(self, owner: UserRecord, email: str, client: Client) -> None:
        """Refuse an address by its domain, before any other account is looked up."""
        try:
            self.domains.require(email)
        except DomainNotAllowed:
            self._refuse(owner, client, "domain not allowed")
            raise

    def _refuse(self, owner: UserRecord, client: Client, reason: str = "email taken") -> None:
        """Record that a user requested an address that they cannot have."""
        self.events.record(
            EventType.EMAIL_CHANGE_REFUSED,
            user_id=owner.user.id,
            client=client,
            reason=reason,
        )

    def _update(self, owner: UserRecord, changes: UserChanges) -> UserRecord:
        """Update an account, and revoke its sessions and links.

        Raises:
            InvalidLink: Its password or address has changed since `owner` was read.
        """
        changed = self.account_changes.apply(owner, changes)
        if changed is None:
            raise InvalidLink
        return changed
