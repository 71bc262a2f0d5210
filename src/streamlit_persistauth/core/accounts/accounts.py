"""Create accounts and authenticate users by their password."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import NoReturn

from streamlit_persistauth.core.accounts.display_names import DisplayNames
from streamlit_persistauth.core.accounts.drafts import new_record
from streamlit_persistauth.core.accounts.login_names import (
    LoginBy,
    LoginName,
    LoginNames,
    read_login_name,
)
from streamlit_persistauth.core.accounts.roles import clean_roles
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.observer import UNOBSERVED, Observer, Operation
from streamlit_persistauth.core.passwords.checks import PasswordChecks
from streamlit_persistauth.core.passwords.hasher import is_too_long
from streamlit_persistauth.core.passwords.policy import PasswordPolicy
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.core.text.emails import canonical_email
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.core.throttle.throttle import Throttle
from streamlit_persistauth.errors import (
    ConfirmationNeeded,
    EmailTaken,
    InvalidEmail,
    RegistrationClosed,
    RegistrationError,
    UsernameTaken,
    WrongPassword,
)
from streamlit_persistauth.models import NOBODY, Client, User


@dataclass(frozen=True, eq=False, repr=False)
class Accounts:
    """Creates accounts and authenticates users."""

    users: UserStore
    _: KW_ONLY
    login_names: LoginNames
    display_names: DisplayNames
    passwords: PasswordChecks
    policy: PasswordPolicy
    throttle: Throttle
    events: Events
    clock: Clock
    observer: Observer = UNOBSERVED

    def register(
        self,
        email: str,
        password: str | None,
        *,
        username: str = "",
        full_name: str = "",
        roles: Sequence[str] = (),
        first: bool = False,
        by: str | None = None,
        client: Client = NOBODY,
    ) -> UserRecord:
        """Create an account that can sign in immediately.

        Args:
            email: The email address; may be empty where users sign in with their username.
            password: The password as entered; None for an account that gets its password by a reset
                link.
            username: The username; may be empty where users sign in with their address.
            full_name: The display name.
            roles: The names of the roles.
            first: Whether to create the account only if the store is empty. The check is atomic.
            by: The id of the user who creates the account for another, for the event.
            client: The origin of the request.

        Raises:
            EmailTaken: Another account has the address, or one that looks like it.
            UsernameTaken: Another account has the username, or one that looks like it.
            RegistrationClosed: `first` is set, and an account exists.
            AuthError: As `draft`.
        """
        try:
            if first:
                self._require_empty()  # before a password is hashed
            record = self.draft(
                email, password, username=username, full_name=full_name, roles=roles, client=client
            )
            self._add(record, first=first)
        except (EmailTaken, UsernameTaken, RegistrationClosed) as refusal:
            self.record_taken(refusal, email, username, client, by=by)
            raise
        self.events.record(EventType.REGISTERED, user_id=record.user.id, client=client, by=by)
        return record

    def draft(
        self,
        email: str,
        password: str | None,
        *,
        username: str = "",
        full_name: str = "",
        roles: Sequence[str] = (),
        client: Client = NOBODY,
    ) -> UserRecord:
        """Return the record of a new account without storing it.

        Raises:
            InvalidEmail: The text is not an email address.
            InvalidUsername: The text is not a username.
            InvalidName: The name cannot be shown.
            InvalidPassword: The policy rejects the password.
            InvalidRole: The name of a role is not acceptable.
            Throttled: Too many accounts were created from this network.
            Busy: Too many passwords from this network are being checked. Nothing is counted.
        """
        address, login = self.login_names.clean(email, username)
        name = self.display_names.clean(full_name)
        password_hash = ""
        if password is not None:
            self.policy.check(password, email=address, username=login, full_name=name)
            password_hash = self._hash_new(password, client)
        user = User(
            id=new_id(),
            email=address,
            full_name=name,
            roles=clean_roles(roles),
            created_at=self.clock(),
            username=login,
        )
        return new_record(user, password_hash)

    def authenticate(
        self, identifier: str, password: str, *, client: Client = NOBODY
    ) -> UserRecord:
        """Return the account with this login name and password.

        Every failure has the same message and takes the time of one hash, whether the account is
        unknown, disabled or has another password (ASVS 6.3.8). A text that is a login name of the
        wrong kind, or too long for a password, is rejected without hashing, which does not depend
        on any account.

        Args:
            identifier: The address or the username, as entered.
            password: The password as entered.
            client: The origin of the request.

        Raises:
            InvalidCredentials: The login name or the password is wrong, or the account is disabled.
            InvalidEmail: Users sign in with their address, and the text has no `@`. Nothing is
                counted.
            InvalidUsername: Users sign in with their username, and the text has an `@`. Nothing is
                counted.
            ConfirmationNeeded: Both are right, but the address is not confirmed.
            Throttled: Too many attempts for this login name, which may have no account, or from
                this network.
            Busy: Too many passwords from this network are being checked. Nothing is counted.
        """
        name = self.login_names.read(identifier)
        with self.observer.measure(Operation.LOGIN):
            if is_too_long(password):
                self._refuse("password too long", None, client)
            with self.passwords.queue_slot(client):
                return self._authenticate(name, password, client)

    def record_login(self, owner: UserRecord, *, client: Client = NOBODY) -> UserRecord:
        """Store the time of a sign-in, and return the stored account.

        Every sign-in calls this: by password, registration, invitation or confirmation.

        Args:
            owner: The account as it was when the user was authenticated.
            client: The origin of the sign-in.

        Raises:
            InvalidCredentials: The account was changed, disabled or deleted since.
        """
        user_id = owner.user.id
        is_stored = self.users.update(user_id, {"last_login_at": self.clock()}, was=owner)
        current = self.users.get(user_id) if is_stored else None
        if current is None or not current.user.is_active:
            self._refuse("changed meanwhile", user_id, client)
        return current

    def reauthenticate(self, user_id: str, password: str, *, client: Client = NOBODY) -> UserRecord:
        """Return the account of a signed-in user after checking the password.

        Attempts are counted separately from sign-ins, so an attacker's guesses cannot block a user
        who is signed in.

        Raises:
            WrongPassword: The password is wrong.
            Throttled: Too many attempts.
            Busy: Too many passwords from this network are being checked. Nothing is counted.
        """
        if is_too_long(password):
            self._refuse_reauthentication(user_id, client)
        with self.passwords.queue_slot(client):
            return self._reauthenticate(user_id, password, client)

    def change_name(
        self, user_id: str, full_name: str, *, by: str | None = None, client: Client = NOBODY
    ) -> bool:
        """Change the display name of a user; return whether the store has it now.

        The result is False for an unknown account and for an app's own table without names.

        Raises:
            InvalidName: The name cannot be shown.
        """
        name = self.display_names.clean(full_name)
        self.users.update(user_id, {"full_name": name})
        stored = self.users.get(user_id)
        if stored is None or stored.user.full_name != name:
            return False
        self.events.record(EventType.PROFILE_CHANGED, user_id=user_id, client=client, by=by)
        return True

    def find(self, email: str) -> UserRecord | None:
        """Return the account of an address as entered, or None."""
        try:
            return self.users.find(canonical_email(email))
        except InvalidEmail:
            return None

    def is_empty(self) -> bool:
        """Return whether there is no account."""
        return self.users.is_empty()

    def record_taken(
        self,
        refusal: RegistrationError,
        email: str,
        username: str,
        client: Client,
        *,
        by: str | None = None,
    ) -> None:
        """Record that an account was not created, with the id of the one that has the login name.

        Args:
            refusal: The error.
            email: The address as entered.
            username: The username as entered, which `UsernameTaken` refers to.
            client: The origin of the request.
            by: The id of the administrator who tried, if any.
        """
        taken = username if isinstance(refusal, UsernameTaken) else email
        owner = self.login_names.find(read_login_name(taken))
        self.record_refused_registration(refusal, owner.user.id if owner else None, client, by=by)

    def record_refused_registration(
        self,
        refusal: RegistrationError,
        user_id: str | None,
        client: Client,
        *,
        by: str | None = None,
    ) -> None:
        """Record that an account was not created.

        Args:
            refusal: The error.
            user_id: The id of the account with the address, if known.
            client: The origin of the request.
            by: The id of the administrator who tried, if any.
        """
        self.events.record(
            EventType.REGISTRATION_REFUSED,
            user_id=user_id,
            client=client,
            by=by,
            reason=refusal.code.replace("_", " "),
        )

    def _authenticate(self, name: LoginName, password: str, client: Client) -> UserRecord:
        networks = limits.logins_from(client)
        account = limits.login_of(name.text, of_two=self.login_names.by is LoginBy.EITHER)
        self.throttle.take(*networks, account, client=client)
        stored = self.login_names.find(name)
        matches = self.passwords.verify(password, stored, client)
        if stored is None:
            self._refuse("unknown email" if name.is_email else "unknown username", None, client)
        if not matches:
            self._refuse("wrong password", stored.user.id, client)
        if not stored.user.is_active:
            self._refuse("disabled", stored.user.id, client)
        if stored.pending is not None:
            self._record_failure("address not confirmed", stored.user.id, client)
            raise ConfirmationNeeded
        current = self._upgrade(stored, password, client)
        for bucket in (*networks, account):
            self.throttle.give_back(bucket)
        return current

    def _upgrade(self, stored: UserRecord, password: str, client: Client) -> UserRecord:
        """Replace an outdated hash, and return the account as it is stored now.

        A concurrent change of the password is kept, and the former password does not sign in.
        """
        user_id = stored.user.id
        password_hash = self.passwords.upgrade(stored, password, client)
        current = self.users.get(user_id)
        if current is None or not current.user.is_active:
            self._refuse("disabled", user_id, client)
        # An app's own table may derive the stamp from the hash (`SQLUserStore`).
        is_new = password_hash != stored.password_hash
        same_stamp = is_new or current.security_stamp == stored.security_stamp
        if current.password_hash != password_hash or not same_stamp:
            self._refuse("changed meanwhile", user_id, client)
        return current

    def _reauthenticate(self, user_id: str, password: str, client: Client) -> UserRecord:
        bucket = limits.reauthentication_of(user_id)
        self.throttle.take(bucket, user_id=user_id, client=client)
        stored = self.users.get(user_id)
        matches = self.passwords.verify(password, stored, client)
        if stored is None or not matches or not stored.user.is_active:
            self._refuse_reauthentication(user_id, client)
        self.throttle.give_back(bucket)
        return stored

    def _hash_new(self, password: str, client: Client) -> str:
        """Count a new account for the client's network, and return the hash of its password."""
        with self.passwords.queue_slot(client):
            self.throttle.take(*limits.registrations_from(client), client=client)
            return self.passwords.hash(password, client)

    def _require_empty(self) -> None:
        if not self.users.is_empty():
            raise RegistrationClosed

    def _add(self, record: UserRecord, *, first: bool) -> None:
        """Store a new account.

        Raises:
            EmailTaken: Another account has the address, or one that looks like it.
            RegistrationClosed: `first` is set, and an account exists.
        """
        if not first:
            self.users.add(record)
        elif not self.users.add_first(record):
            raise RegistrationClosed

    def _refuse(self, reason: str, user_id: str | None, client: Client) -> NoReturn:
        self._record_failure(reason, user_id, client)
        raise self.login_names.refusal()

    def _refuse_reauthentication(self, user_id: str, client: Client) -> NoReturn:
        self._record_failure("reauthentication failed", user_id, client)
        raise WrongPassword

    def _record_failure(self, reason: str, user_id: str | None, client: Client) -> None:
        self.events.record(EventType.LOGIN_FAILED, user_id=user_id, client=client, reason=reason)
