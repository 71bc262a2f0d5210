"""The invitation of users by an administrator."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, replace

from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.display_names import DisplayNames
from streamlit_persistauth.core.accounts.drafts import new_record
from streamlit_persistauth.core.accounts.link_tokens import Links
from streamlit_persistauth.core.accounts.login_names import (
    LoginBy,
    LoginNames,
    read_login_name,
)
from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.accounts.password_changes import PasswordChanges
from streamlit_persistauth.core.accounts.roles import clean_roles
from streamlit_persistauth.core.accounts.username_holders import UsernameHolders
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.records import (
    Pending,
    TokenType,
    UserChanges,
    UserRecord,
)
from streamlit_persistauth.core.text.usernames import username_key
from streamlit_persistauth.errors import EmailTaken, InvalidLink, UsernameTaken
from streamlit_persistauth.models import NOBODY, Client, User


@dataclass(frozen=True, eq=False, repr=False)
class Invitations:
    """Creates accounts without a password, which the invited users complete with a link."""

    accounts: Accounts
    password_changes: PasswordChanges
    users: UserStore
    links: Links
    _: KW_ONLY
    login_names: LoginNames
    display_names: DisplayNames
    username_holders: UsernameHolders
    mails: Mails
    events: Events
    clock: Clock

    def create(
        self,
        email: str,
        *,
        username: str = "",
        full_name: str = "",
        roles: Sequence[str] = (),
        by: str | None = None,
        client: Client = NOBODY,
    ) -> str:
        """Invite a user, and send the link if mail is set up. Revokes an earlier invitation.

        Args:
            email: The email address; may be empty for a username where users sign in with it.
            username: The username; if it is empty, the user chooses one where it is needed.
            full_name: A suggested display name, which the user can change.
            roles: The names of the account's roles.
            by: The id of the administrator, for the event.
            client: The administrator's client; the mail uses its language.

        Returns:
            A single-use token that is valid for seven days.

        Raises:
            InvalidEmail: The text is not an email address.
            InvalidUsername: The text is not a username.
            InvalidName: The name cannot be shown.
            InvalidRole: The name of a role is not acceptable.
            EmailTaken: A complete account has the address, or one that looks like it.
            UsernameTaken: Another account has the username, or one that looks like it.
        """
        address, login = self._clean(email, username)
        user = User(
            id=new_id(),
            email=address,
            full_name=self.display_names.clean(full_name),
            roles=clean_roles(roles),
            created_at=self.clock(),
            username=login,
        )
        try:
            owner = self._store(new_record(user, "", pending=Pending.INVITATION))
        except (EmailTaken, UsernameTaken) as refusal:
            self.accounts.record_taken(refusal, address, login, client, by=by)
            raise
        token = self.links.create(TokenType.INVITATION, owner, email=address)
        self.events.record(EventType.INVITED, user_id=owner.user.id, by=by)
        if self.mails.can_link and address:
            self.mails.post(lambda: self._send(owner, token, client))
        return token

    def send(self, owner: UserRecord, client: Client) -> None:
        """Send an invitation again. Call this from a job."""
        token = self.links.create(TokenType.INVITATION, owner, email=owner.user.email)
        self._send(owner, token, client)

    def accept(
        self,
        token: str,
        password: str,
        *,
        username: str = "",
        full_name: str = "",
        client: Client = NOBODY,
    ) -> UserRecord:
        """Complete the account of an invitation.

        The change itself revokes the token. A password that the policy rejects, a username that is
        taken, or a store that fails leaves it valid.

        Args:
            token: The token.
            password: The password as entered.
            username: The username; empty to keep that of the invitation.
            full_name: The display name.
            client: The origin of the request.

        Raises:
            InvalidLink: The token is not valid.
            InvalidUsername: The text is not a username, or users sign in with one and it is
                missing.
            UsernameTaken: Another account has the username, or one that looks like it.
            InvalidName: The name cannot be shown.
            InvalidPassword: The policy rejects the password.
            StoreError: The store failed; nothing is changed.
        """
        try:
            accepted = self._accept(token, password, username, self.display_names.clean(full_name))
        except InvalidLink:
            self.events.record(EventType.LINK_REFUSED, client=client, purpose="invitation")
            raise
        self.events.record(EventType.REGISTERED, user_id=accepted.user.id, client=client)
        return accepted

    def _send(self, owner: UserRecord, token: str, client: Client) -> None:
        self.mails.invitation_link(owner.user, token, language=client.language)

    def _clean(self, email: str, username: str) -> tuple[str, str]:
        """Return the address and the username in canonical form; one of them may be empty.

        Raises:
            InvalidEmail: The text is not an email address, or is missing.
            InvalidUsername: The text is not a username.
        """
        login = self.login_names.clean_username(username) if username.strip() else ""
        is_optional = login and self.login_names.by is not LoginBy.EMAIL
        if is_optional and not email.strip():
            return "", login
        return self.login_names.clean_email(email), login

    def _store(self, record: UserRecord) -> UserRecord:
        """Add an account, or replace one with the same login name that is still pending.

        Raises:
            EmailTaken: A complete account has the address.
            UsernameTaken: Another account has the username.
        """
        user = record.user
        self.username_holders.release(user)
        stored = self.login_names.find(read_login_name(user.email or user.username))
        if stored is None:
            self.users.add(record)
            return record
        changes: UserChanges = {
            "full_name": user.full_name,
            "roles": user.roles,
            "password_hash": record.password_hash,
            "security_stamp": record.security_stamp or "",
            "pending": record.pending,
            "username": user.username,
            "username_key": record.username_key,
        }
        # An account with an address is not that of an invitation without one.
        is_same = stored.pending is not None and bool(user.email or not stored.user.email)
        if not is_same or not self.users.update(stored.user.id, changes, was=stored):
            raise EmailTaken if user.email else UsernameTaken
        return replace(record, user=replace(user, id=stored.user.id))

    def _accept(self, token: str, password: str, username: str, full_name: str) -> UserRecord:
        owner = self.links.look_up(TokenType.INVITATION, token).owner
        login = owner.user.username
        if username.strip() or not (login or self.login_names.by is LoginBy.EMAIL):
            login = self.login_names.clean_username(username)
        named = replace(owner, user=replace(owner.user, username=login, full_name=full_name))
        self.password_changes.check(named, password)
        changes: UserChanges = {"full_name": full_name}
        if login != owner.user.username:
            self.username_holders.release(named.user)
            changes["username"], changes["username_key"] = login, username_key(login)
        accepted = self.password_changes.set(owner, password, changes)
        if accepted is None:
            raise InvalidLink
        return accepted
