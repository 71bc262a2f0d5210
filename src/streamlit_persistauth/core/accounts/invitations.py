"""The invitation of users by an administrator."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace

from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.link_tokens import Links
from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.accounts.password_changes import PasswordChanges
from streamlit_persistauth.core.accounts.roles import clean_roles
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.records import Pending, TokenType, UserRecord
from streamlit_persistauth.core.text.emails import canonical_email, email_key
from streamlit_persistauth.core.text.names import clean_name
from streamlit_persistauth.errors import EmailTaken, InvalidLink
from streamlit_persistauth.models import NOBODY, Client, User


@dataclass(frozen=True, eq=False, repr=False)
class Invitations:
    """Creates accounts without a password, which the invited users complete with a link."""

    accounts: Accounts
    password_changes: PasswordChanges
    users: UserStore
    links: Links
    _: KW_ONLY
    mails: Mails
    events: Events
    clock: Clock

    def create(
        self,
        email: str,
        *,
        full_name: str = "",
        roles: Sequence[str] = (),
        by: str | None = None,
        client: Client = NOBODY,
    ) -> str:
        """Invite a user, and send the link if mail is set up. Revokes an earlier invitation.

        Args:
            email: The email address, which becomes the login name.
            full_name: A suggested display name, which the user can change.
            roles: The names of the account's roles.
            by: The id of the administrator, for the event.
            client: The administrator's client; the mail uses its language.

        Returns:
            A single-use token that is valid for seven days.

        Raises:
            InvalidEmail: The text is not an email address.
            InvalidName: The name cannot be shown.
            InvalidRole: The name of a role is not acceptable.
            EmailTaken: A complete account has the address, or one that looks like it.
        """
        address = canonical_email(email)
        user = User(
            id=new_id(),
            email=address,
            full_name=clean_name(full_name),
            roles=clean_roles(roles),
            created_at=self.clock(),
        )
        draft = UserRecord(
            user,
            password_hash="",
            email_key=email_key(address),
            security_stamp=new_id(),
            pending=Pending.INVITATION,
        )
        try:
            owner = self._store(draft)
        except EmailTaken as refusal:
            other = self.users.find(address)
            other_id = other.user.id if other else None
            self.accounts.record_refused_registration(refusal, other_id, client, by=by)
            raise
        token = self.links.create(TokenType.INVITATION, owner, email=address)
        self.events.record(EventType.INVITED, user_id=owner.user.id, by=by)
        if self.mails.can_link:
            self.mails.post(lambda: self._send(owner, token, client))
        return token

    def send(self, owner: UserRecord, client: Client) -> None:
        """Send an invitation again. Call this from a job."""
        token = self.links.create(TokenType.INVITATION, owner, email=owner.user.email)
        self._send(owner, token, client)

    def accept(
        self, token: str, password: str, *, full_name: str = "", client: Client = NOBODY
    ) -> UserRecord:
        """Complete the account of an invitation.

        A password that the policy rejects does not use up the token.

        Raises:
            InvalidLink: The token is not valid.
            InvalidName: The name cannot be shown.
            InvalidPassword: The policy rejects the password.
        """
        try:
            accepted = self._accept(token, password, clean_name(full_name))
        except InvalidLink:
            self.events.record(EventType.LINK_REFUSED, client=client, purpose="invitation")
            raise
        self.events.record(EventType.REGISTERED, user_id=accepted.user.id, client=client)
        return accepted

    def _send(self, owner: UserRecord, token: str, client: Client) -> None:
        self.mails.invitation_link(owner.user, token, language=client.language)

    def _store(self, record: UserRecord) -> UserRecord:
        """Add an account, or replace one with the same address that is still pending.

        Raises:
            EmailTaken: A complete account has the address.
        """
        stored = self.users.find(record.user.email)
        if stored is None:
            self.users.add(record)
            return record
        changed = stored.pending is not None and self.users.update(
            stored.user.id,
            {
                "full_name": record.user.full_name,
                "roles": record.user.roles,
                "password_hash": record.password_hash,
                "security_stamp": record.security_stamp or "",
                "pending": record.pending,
            },
            was=stored,
        )
        if not changed:
            raise EmailTaken
        return replace(record, user=replace(record.user, id=stored.user.id))

    def _accept(self, token: str, password: str, full_name: str) -> UserRecord:
        owner = self.links.look_up(TokenType.INVITATION, token).owner
        named = replace(owner, user=replace(owner.user, full_name=full_name))
        self.password_changes.check(named, password)
        owner = self.links.redeem(TokenType.INVITATION, token).owner
        accepted = self.password_changes.set(owner, password, full_name=full_name)
        if accepted is None:
            raise InvalidLink
        return accepted
