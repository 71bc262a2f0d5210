"""Accounts that wait for the one who was invited."""

from collections.abc import Sequence
from dataclasses import replace

from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.link_tokens import Links
from streamlit_persistauth.core.accounts.mails import Mails
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


class Invitations:
    """Makes accounts without a password, and gives them to who comes with their link."""

    def __init__(
        self,
        accounts: Accounts,
        users: UserStore,
        links: Links,
        *,
        mails: Mails,
        events: Events,
        clock: Clock,
    ) -> None:
        """Wire the parts."""
        self._accounts = accounts
        self._users = users
        self._links = links
        self._mails = mails
        self._events = events
        self._clock = clock

    def create(
        self,
        email: str,
        *,
        full_name: str = "",
        roles: Sequence[str] = (),
        by: str | None = None,
        client: Client = NOBODY,
    ) -> str:
        """Invite somebody, by mail too where mail can be sent; an earlier invitation is void.

        Args:
            email: Becomes the login name.
            full_name: A proposal.
            roles: What the account will have.
            by: The id of the administrator who invites, for the event.
            client: Who invites; the letter speaks their language.

        Returns:
            A token that counts for seven days, and once.

        Raises:
            InvalidEmail: The address is none.
            InvalidName: The name can't be shown.
            InvalidRole: A role can't be called this.
            EmailTaken: There is an account with the address, or one that looks like it.
        """
        address = canonical_email(email)
        user = User(
            id=new_id(),
            email=address,
            full_name=clean_name(full_name),
            roles=clean_roles(roles),
            created_at=self._clock(),
        )
        draft = UserRecord(
            user,
            password_hash="",
            email_key=email_key(address),
            security_stamp=new_id(),
            pending=Pending.INVITATION,
        )
        try:
            owner = self._keep(draft)
        except EmailTaken as refusal:
            other = self._users.find(address)
            other_id = other.user.id if other else None
            self._accounts.record_refused_registration(refusal, other_id, client, by=by)
            raise
        token = self._links.create(TokenType.INVITATION, owner, email=address)
        self._events.record(EventType.INVITED, user_id=owner.user.id, by=by)
        if self._mails.can_link:
            self._mails.post(lambda: self._write(owner, token, client))
        return token

    def send(self, owner: UserRecord, client: Client) -> None:
        """Send an invitation anew. Call it from a job."""
        token = self._links.create(TokenType.INVITATION, owner, email=owner.user.email)
        self._write(owner, token, client)

    def accept(
        self, token: str, password: str, *, full_name: str = "", client: Client = NOBODY
    ) -> UserRecord:
        """Complete the account that a token is for.

        What the policy refuses does not spend the token.

        Raises:
            InvalidLink: The token does not count.
            InvalidName: The name can't be shown.
            InvalidPassword: The policy refuses the password.
        """
        try:
            accepted = self._accept(token, password, clean_name(full_name))
        except InvalidLink:
            self._events.record(EventType.LINK_REFUSED, client=client, purpose="invitation")
            raise
        self._events.record(EventType.REGISTERED, user_id=accepted.user.id, client=client)
        return accepted

    def _write(self, owner: UserRecord, token: str, client: Client) -> None:
        self._mails.invitation_link(owner.user, token, language=client.language)

    def _keep(self, record: UserRecord) -> UserRecord:
        """Add the account, or put it in the place of one that nobody has completed.

        Raises:
            EmailTaken: There is a complete one.
        """
        stored = self._users.find(record.user.email)
        if stored is None:
            self._users.add(record)
            return record
        changed = stored.pending is not None and self._users.update(
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
        owner = self._links.look_up(TokenType.INVITATION, token).owner
        named = replace(owner, user=replace(owner.user, full_name=full_name))
        self._accounts.check_new_password(named, password)
        owner = self._links.redeem(TokenType.INVITATION, token).owner
        accepted = self._accounts.set_password(owner, password, full_name=full_name)
        if accepted is None:
            raise InvalidLink
        return accepted
