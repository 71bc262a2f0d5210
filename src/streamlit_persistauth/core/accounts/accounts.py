"""Create accounts and authenticate users by their password."""

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import NoReturn

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
from streamlit_persistauth.core.text.emails import canonical_email, email_key
from streamlit_persistauth.core.text.names import clean_name
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.core.throttle.throttle import Throttle
from streamlit_persistauth.errors import (
    ConfirmationNeeded,
    EmailTaken,
    InvalidCredentials,
    InvalidEmail,
    RegistrationClosed,
    RegistrationError,
    WrongPassword,
)
from streamlit_persistauth.models import NOBODY, Client, User


@dataclass(frozen=True, eq=False, repr=False)
class Accounts:
    """Creates accounts and authenticates users."""

    users: UserStore
    _: KW_ONLY
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
        full_name: str = "",
        roles: Sequence[str] = (),
        first: bool = False,
        by: str | None = None,
        client: Client = NOBODY,
    ) -> UserRecord:
        """Create an account that can sign in immediately.

        Args:
            email: The email address, which is the login name.
            password: The password as entered; None for an account that gets its password by a reset
                link.
            full_name: The display name.
            roles: The names of the roles.
            first: Whether to create the account only if the store is empty. The check is atomic.
            by: The id of the user who creates the account for another, for the event.
            client: The origin of the request.

        Raises:
            EmailTaken: Another account has the address, or one that looks like it.
            RegistrationClosed: `first` is set, and an account exists.
            AuthError: As `draft`.
        """
        try:
            if first:
                self._require_empty()  # before a password is hashed
            record = self.draft(email, password, full_name=full_name, roles=roles, client=client)
            self._add(record, first=first)
        except (EmailTaken, RegistrationClosed) as refusal:
            owner = self.find(email)
            owner_id = owner.user.id if owner else None
            self.record_refused_registration(refusal, owner_id, client, by=by)
            raise
        self.events.record(EventType.REGISTERED, user_id=record.user.id, client=client, by=by)
        return record

    def draft(
        self,
        email: str,
        password: str | None,
        *,
        full_name: str = "",
        roles: Sequence[str] = (),
        client: Client = NOBODY,
    ) -> UserRecord:
        """Return the record of a new account without storing it.

        Raises:
            InvalidEmail: The text is not an email address.
            InvalidName: The name cannot be shown.
            InvalidPassword: The policy rejects the password.
            InvalidRole: The name of a role is not acceptable.
            Throttled: Too many accounts were created from this network.
            Busy: Too many passwords from this network are being checked. Nothing is counted.
        """
        address = canonical_email(email)
        name = clean_name(full_name)
        password_hash = ""
        if password is not None:
            self.policy.check(password, email=address, full_name=name)
            password_hash = self._hash_new(password, client)
        user = User(
            id=new_id(),
            email=address,
            full_name=name,
            roles=clean_roles(roles),
            created_at=self.clock(),
        )
        return UserRecord(user, password_hash, email_key(address), security_stamp=new_id())

    def authenticate(self, email: str, password: str, *, client: Client = NOBODY) -> UserRecord:
        """Return the account with this email and password.

        Every failure has the same message and takes the time of one hash, whether the account is
        unknown, disabled or has another password (ASVS 6.3.8). A text too long for a password is
        rejected without hashing, which does not depend on any account.

        Raises:
            InvalidCredentials: The email or the password is wrong, or the account is disabled.
            ConfirmationNeeded: Both are right, but the address is not confirmed.
            Throttled: Too many attempts for this address, which may have no account, or from this
                network.
            Busy: Too many passwords from this network are being checked. Nothing is counted.
        """
        with self.observer.measure(Operation.LOGIN):
            if is_too_long(password):
                self._refuse("password too long", None, client)
            with self.passwords.queue_slot(client):
                return self._authenticate(email, password, client)

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
        name = clean_name(full_name)
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

    def _authenticate(self, email: str, password: str, client: Client) -> UserRecord:
        networks = limits.logins_from(client)
        account = limits.login_of(email)
        self.throttle.take(*networks, account, client=client)
        stored = self.find(email)
        matches = self.passwords.verify(password, stored, client)
        if stored is None:
            self._refuse("unknown email", None, client)
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
        raise InvalidCredentials

    def _refuse_reauthentication(self, user_id: str, client: Client) -> NoReturn:
        self._record_failure("reauthentication failed", user_id, client)
        raise WrongPassword

    def _record_failure(self, reason: str, user_id: str | None, client: Client) -> None:
        self.events.record(EventType.LOGIN_FAILED, user_id=user_id, client=client, reason=reason)
