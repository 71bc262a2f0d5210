"""The registration of visitors."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import KW_ONLY, dataclass, replace

from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.confirmations import Confirmations
from streamlit_persistauth.core.accounts.invitations import Invitations
from streamlit_persistauth.core.accounts.login_names import LoginNames
from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.accounts.setup_codes import SetupCodes
from streamlit_persistauth.core.accounts.username_holders import UsernameHolders
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.records import Pending, UserChanges, UserRecord
from streamlit_persistauth.core.text.mail_domains import MailDomains
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.core.throttle.throttle import Throttle
from streamlit_persistauth.errors import (
    ConfirmationNeeded,
    DomainNotAllowed,
    EmailTaken,
    RegistrationClosed,
    UsernameTaken,
)
from streamlit_persistauth.models import NOBODY, Client, User


@dataclass(frozen=True, eq=False, repr=False)
class Registrations:
    """Creates accounts for visitors, immediately or after their address is confirmed.

    `domains` lists whose addresses may register. `must_confirm` returns whether the next
    registration requires a confirmed address. `first_roles` are the roles of the first account.
    """

    accounts: Accounts
    users: UserStore
    confirmations: Confirmations
    invitations: Invitations
    setup_codes: SetupCodes
    _: KW_ONLY
    login_names: LoginNames
    username_holders: UsernameHolders
    throttle: Throttle
    mails: Mails
    events: Events
    domains: MailDomains
    must_confirm: Callable[[], bool]
    first_roles: tuple[str, ...]

    def register(
        self,
        email: str,
        password: str,
        *,
        username: str = "",
        full_name: str = "",
        roles: Sequence[str] = (),
        client: Client = NOBODY,
    ) -> UserRecord:
        """Create an account.

        If addresses must be confirmed, an address that is taken gets the same answer after the same
        work, and its owner gets a mail (ASVS 6.3.8). A username that is taken is refused: the
        visitor has to choose another one. An unconfirmed registration does not reserve it.

        Args:
            email: The email address; may be empty where users sign in with their username, unless
                addresses must be confirmed.
            password: The password as entered.
            username: The username; may be empty where users sign in with their address.
            full_name: The display name.
            roles: The names of the roles; empty for a visitor.
            client: The origin of the request.

        Raises:
            ConfirmationNeeded: A link was sent. The account can sign in after the user opens it.
            InvalidEmail: The text is not an email address.
            DomainNotAllowed: Addresses of this domain may not register.
            InvalidUsername: The text is not a username.
            InvalidName: The name cannot be shown.
            InvalidPassword: The policy rejects the password.
            InvalidRole: The name of a role is not acceptable.
            EmailTaken: Another account has the address, or one that looks like it. Not raised if
                addresses must be confirmed.
            UsernameTaken: Another account has the username, or one that looks like it.
            Throttled: Too many accounts were created from this network or for this address.
            Busy: Too many passwords from this network are being checked. Nothing is counted.
        """
        with self._recording(client):
            self.domains.require(email)
        if not self.must_confirm():
            return self.accounts.register(
                email,
                password,
                username=username,
                full_name=full_name,
                roles=roles,
                client=client,
            )
        self.login_names.clean_email(email)  # required, where it must be confirmed
        draft = self.accounts.draft(
            email, password, username=username, full_name=full_name, roles=roles, client=client
        )
        self._refuse_taken_username(draft.user, client)
        self.throttle.take(limits.mail_to(draft.user.email), client=client)
        draft = replace(draft, pending=Pending.CONFIRMATION)
        self.mails.post(lambda: self._store(draft, client))
        raise ConfirmationNeeded

    def register_first(
        self,
        email: str,
        password: str,
        *,
        username: str = "",
        full_name: str = "",
        setup_code: str | None,
        client: Client = NOBODY,
    ) -> UserRecord:
        """Create the first account, with `first_roles`. Of concurrent calls, one succeeds.

        Its address need not be confirmed, because mail may not be set up yet.

        Args:
            email: The email address; may be empty where users sign in with their username.
            password: The password as entered.
            username: The username; may be empty where users sign in with their address.
            full_name: The display name.
            setup_code: The code as entered; None for a visitor who needs none.
            client: The origin of the request.

        Raises:
            InvalidSetupCode: The code is unknown, expired or revoked.
            RegistrationClosed: An account exists.
            AuthError: As `register`, except `ConfirmationNeeded`.
        """
        with self._recording(client):
            if (
                setup_code is not None
            ):  # also if an account exists: it may be deleted a moment later
                self.setup_codes.check(setup_code, client=client)
            self.domains.require(email)
        return self.accounts.register(
            email,
            password,
            username=username,
            full_name=full_name,
            roles=self.first_roles,
            first=True,
            client=client,
        )

    @contextmanager
    def _recording(self, client: Client) -> Iterator[None]:
        """Record a refusal that comes before any account is looked up."""
        try:
            yield
        except (DomainNotAllowed, RegistrationClosed) as refusal:
            self.accounts.record_refused_registration(refusal, None, client)
            raise

    def _refuse_taken_username(self, user: User, client: Client) -> None:
        """Refuse a username that an account has, or one that looks like it.

        The answer does not depend on the address: an invited user who registers with the username
        of the invitation gets the same one as others.

        Raises:
            UsernameTaken: An active, disabled or invited account has it.
        """
        for stored in self.username_holders.find(user.username):
            if stored.pending is not Pending.CONFIRMATION:
                refusal = UsernameTaken()
                self.accounts.record_refused_registration(refusal, stored.user.id, client)
                raise refusal

    def _store(self, draft: UserRecord, client: Client) -> None:
        """Store a draft and send its link, or write to the owner of an address that is taken."""
        self.username_holders.release(draft.user)
        stored = self.users.find(draft.user.email)
        if stored is None:
            self._add(draft, client)
        elif stored.pending is Pending.CONFIRMATION:
            self._replace(stored, draft, client)
        elif stored.pending is Pending.INVITATION:
            self.invitations.send(stored, client)
        else:
            self.accounts.record_refused_registration(EmailTaken(), stored.user.id, client)
            self.mails.already_registered(stored.user, language=client.language)

    def _add(self, draft: UserRecord, client: Client) -> None:
        try:
            self.users.add(draft)
        except (EmailTaken, UsernameTaken) as refusal:  # a look-alike, or stored meanwhile
            self.accounts.record_refused_registration(refusal, None, client)
            return
        self.events.record(EventType.REGISTERED, user_id=draft.user.id, client=client)
        self.confirmations.send(draft, draft.user.email, client)

    def _replace(self, stored: UserRecord, draft: UserRecord, client: Client) -> None:
        """Replace an earlier registration of an unconfirmed address.

        An attacker can therefore neither block an address nor leave a password for its owner to
        confirm. The form of a visitor passes no roles, so a visitor inherits none.
        """
        changes: UserChanges = {
            "full_name": draft.user.full_name,
            "roles": draft.user.roles,
            "password_hash": draft.password_hash,
            "security_stamp": draft.security_stamp or "",
            "username": draft.user.username,
            "username_key": draft.username_key,
        }
        if draft.user.created_at:
            changes["created_at"] = draft.user.created_at
        try:
            changed = self.users.update(stored.user.id, changes, was=stored)
        except UsernameTaken as refusal:
            self.accounts.record_refused_registration(refusal, stored.user.id, client)
            return
        current = self.users.get(stored.user.id) if changed else None
        if current is not None:
            self.events.record(EventType.REGISTERED, user_id=current.user.id, client=client)
            self.confirmations.send(current, current.user.email, client)
