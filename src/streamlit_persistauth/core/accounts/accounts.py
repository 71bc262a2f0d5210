"""Who has an account, and whether a password is theirs."""

from collections.abc import Sequence
from typing import NoReturn

from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.accounts.roles import clean_roles
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.passwords.checks import PasswordChecks
from streamlit_persistauth.core.passwords.hasher import PasswordHasher, is_too_long
from streamlit_persistauth.core.passwords.policy import PasswordPolicy
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.core.storage.records import UserChanges, UserRecord
from streamlit_persistauth.core.text.emails import canonical_email, email_key
from streamlit_persistauth.core.text.names import clean_name
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.core.throttle.throttle import Throttle
from streamlit_persistauth.errors import (
    ConfirmationNeeded,
    EmailTaken,
    InvalidCredentials,
    InvalidEmail,
    InvalidPassword,
    RegistrationClosed,
    RegistrationError,
    WrongPassword,
)
from streamlit_persistauth.models import NOBODY, Client, User


class Accounts:
    """Registers, authenticates and changes accounts.

    Whatever changes a password or an address, or disables an account, gives it a new security
    stamp: by that one write every sign-in and every link made before has stopped counting.
    """

    def __init__(
        self,
        users: UserStore,
        tokens: TokenStore,
        *,
        hasher: PasswordHasher,
        policy: PasswordPolicy,
        throttle: Throttle,
        mails: Mails,
        events: Events,
        clock: Clock,
    ) -> None:
        """Wire the parts.

        Args:
            users: Where accounts live.
            tokens: Where their sign-ins and links are kept.
            hasher: Hashes and verifies.
            policy: What is asked of a new password.
            throttle: Counts the tries.
            mails: Tells people what happened to their account.
            events: Told of every outcome.
            clock: Where the time comes from.
        """
        self._users = users
        self._tokens = tokens
        self._passwords = PasswordChecks(users, hasher=hasher, events=events, clock=clock)
        self._policy = policy
        self._throttle = throttle
        self._mails = mails
        self._events = events
        self._clock = clock

    def register(
        self,
        email: str,
        password: str,
        *,
        full_name: str = "",
        roles: Sequence[str] = (),
        first: bool = False,
        client: Client = NOBODY,
    ) -> UserRecord:
        """Make an account that can sign in at once.

        Args:
            email: The login name.
            password: As typed.
            full_name: What the person calls themselves.
            roles: What the account may do.
            first: Make it only where there is no account at all; the store decides.
            client: From where it is made.

        Raises:
            EmailTaken: Another account has the address, or one that looks like it.
            RegistrationClosed: It would not be the first account.
            AuthError: As `draft`.
        """
        try:
            if first:
                self._refuse_second()  # before a password is hashed
            record = self.draft(email, password, full_name=full_name, roles=roles, client=client)
            self._add(record, first=first)
        except (EmailTaken, RegistrationClosed) as refusal:
            owner = self.find(email)
            self.record_refused_registration(refusal, owner.user.id if owner else None, client)
            raise
        self._events.record(EventType.REGISTERED, user_id=record.user.id, client=client)
        return record

    def draft(
        self,
        email: str,
        password: str,
        *,
        full_name: str = "",
        roles: Sequence[str] = (),
        client: Client = NOBODY,
    ) -> UserRecord:
        """Return what an account would be, which is stored nowhere yet.

        Raises:
            InvalidEmail: The address is none.
            InvalidName: The name can't be shown.
            InvalidPassword: The policy refuses the password.
            InvalidRole: A role can't be called this.
            Throttled: Too many were made from this network.
            Busy: Too many passwords of this network are being checked; nothing is counted.
        """
        address = canonical_email(email)
        name = clean_name(full_name)
        self._policy.check(password, email=address, full_name=name)
        password_hash = self._hash_counted(password, client)
        user = User(
            id=new_id(),
            email=address,
            full_name=name,
            roles=clean_roles(roles),
            created_at=self._clock(),
        )
        return UserRecord(
            user,
            password_hash,
            email_key=email_key(address),
            security_stamp=new_id(),
        )

    def authenticate(self, email: str, password: str, *, client: Client = NOBODY) -> UserRecord:
        """Return the account of this email and password.

        Every refusal does the work of one hash and says the same words, whether the account is
        unknown, disabled or has another password (ASVS 6.3.8). Text too long to be a password is
        refused unhashed, which tells nothing about accounts.

        Raises:
            InvalidCredentials: They don't sign in.
            ConfirmationNeeded: They do, once the address is proven.
            Throttled: There were too many tries for this account, which may not exist, or from
                this network.
            Busy: Too many passwords of this network are being checked; nothing is counted.
        """
        if is_too_long(password):
            self._refuse("password too long", None, client)
        with self._passwords.place(client):
            return self._authenticate(email, password, client)

    def _authenticate(self, email: str, password: str, client: Client) -> UserRecord:
        networks = limits.logins_from(client)
        account = limits.login_of(email)
        self._throttle.take(*networks, account, client=client)
        stored = self.find(email)
        proven = self._passwords.verify(password, stored, client)
        if stored is None:
            self._refuse("unknown email", None, client)
        if not proven:
            self._refuse("wrong password", stored.user.id, client)
        if not stored.user.is_active:
            self._refuse("disabled", stored.user.id, client)
        if stored.pending is not None:
            self._record_refusal("address not proven", stored.user.id, client)
            raise ConfirmationNeeded
        fresh = self._refresh(stored, password, client)
        for bucket in (*networks, account):
            self._throttle.give_back(bucket)
        return fresh

    def note_login(self, owner: UserRecord, *, client: Client = NOBODY) -> UserRecord:
        """Store that a user signs in now, and return the account as it is stored.

        Every sign-in calls it: by password, registration, invitation or confirmation.

        Args:
            owner: The account as it was when the user was proven.
            client: From where the user signs in.

        Raises:
            InvalidCredentials: The account has been changed, disabled or deleted since.
        """
        user_id = owner.user.id
        there = self._users.update(user_id, {"last_login_at": self._clock()}, was=owner)
        fresh = self._users.get(user_id) if there else None
        if fresh is None or not fresh.user.is_active:
            self._refuse("changed meanwhile", user_id, client)
        return fresh

    def reauthenticate(self, user_id: str, password: str, *, client: Client = NOBODY) -> UserRecord:
        """Return the account of a user who is signed in, if this is the password.

        Counted apart from sign-ins, so that nobody's guesses lock out who is already in.

        Raises:
            WrongPassword: It is another one.
            Throttled: There were too many tries.
            Busy: Too many passwords of this network are being checked; nothing is counted.
        """
        if is_too_long(password):
            self._refuse_proof(user_id, client)
        with self._passwords.place(client):
            return self._prove(user_id, password, client)

    def _prove(self, user_id: str, password: str, client: Client) -> UserRecord:
        bucket = limits.reauthentication_of(user_id)
        self._throttle.take(bucket, user_id=user_id, client=client)
        stored = self._users.get(user_id)
        proven = self._passwords.verify(password, stored, client)
        if stored is None or not proven or not stored.user.is_active:
            self._refuse_proof(user_id, client)
        self._throttle.give_back(bucket)
        return stored

    def change_password(
        self, user_id: str, current: str, new: str, *, client: Client = NOBODY
    ) -> UserRecord:
        """Change a password for who knows the present one; all sign-ins and links end.

        Raises:
            WrongPassword: The present one is another.
            InvalidPassword: The policy refuses the new one.
            Throttled: There were too many tries.
            Busy: Too many passwords of this network are being checked; nothing is counted.
        """
        stored = self.reauthenticate(user_id, current, client=client)
        if current == new:
            raise InvalidPassword("The new password must be different from the current one.")
        self.check_new_password(stored, new)
        changed = self.set_password(stored, new)
        if changed is None:
            raise WrongPassword
        self._mails.password_changed(changed.user, language=client.language)
        self._events.record(EventType.PASSWORD_CHANGED, user_id=user_id, client=client)
        return changed

    def change_name(self, user_id: str, full_name: str, *, client: Client = NOBODY) -> bool:
        """Change what a user is called; return whether that is stored now.

        It is not where there is no such account, nor in an app's own table without names.

        Raises:
            InvalidName: The name can't be shown.
        """
        name = clean_name(full_name)
        self._users.update(user_id, {"full_name": name})
        stored = self._users.get(user_id)
        if stored is None or stored.user.full_name != name:
            return False
        self._events.record(EventType.PROFILE_CHANGED, user_id=user_id, client=client)
        return True

    def check_new_password(self, owner: UserRecord, password: str) -> None:
        """Refuse a new password that the policy refuses for this user.

        Raises:
            InvalidPassword: The message says why.
        """
        self._policy.check(password, email=owner.user.email, full_name=owner.user.full_name)

    def set_password(
        self, owner: UserRecord, password: str, *, full_name: str | None = None
    ) -> UserRecord | None:
        """Give an account a new password, and so complete it; all its sign-ins and links end.

        Only for who knows the present password, or holds a link that was sent to the address.

        Args:
            owner: The account as it was read.
            password: The new one.
            full_name: A new name too, if any.

        Returns:
            The account as it is now; None where password or address have changed since `owner`
            was read, and so nothing was changed here.
        """
        user_id = owner.user.id
        changes: UserChanges = {
            "password_hash": self._passwords.hash(password),
            "security_stamp": new_id(),
            "pending": None,
        }
        if full_name is not None:
            changes["full_name"] = full_name
        if not self._users.update(user_id, changes, was=owner):
            return None
        self._tokens.end_user(user_id)
        return self._users.get(user_id)

    def record_refused_registration(
        self,
        refusal: RegistrationError,
        user_id: str | None,
        client: Client,
        *,
        by: str | None = None,
    ) -> None:
        """Record that an account was not made.

        Args:
            refusal: Why.
            user_id: The account that has the address, where known.
            client: From where it was tried.
            by: The id of the administrator who tried, if one did.
        """
        self._events.record(
            EventType.REGISTRATION_REFUSED,
            user_id=user_id,
            client=client,
            by=by,
            reason=refusal.code.replace("_", " "),
        )

    def has_none(self) -> bool:
        """Return whether there is no account yet."""
        return self._users.is_empty()

    def _refuse_second(self) -> None:
        """Refuse an account that would not be the first one.

        Raises:
            RegistrationClosed: There is an account.
        """
        if not self._users.is_empty():
            raise RegistrationClosed

    def _add(self, record: UserRecord, *, first: bool) -> None:
        """Add an account, or refuse it where it has to be the first one and is not.

        Raises:
            EmailTaken: Another account has the address, or one that looks like it.
            RegistrationClosed: It would not be the first account.
        """
        if not first:
            self._users.add(record)
        elif not self._users.add_first(record):
            raise RegistrationClosed

    def find(self, email: str) -> UserRecord | None:
        """Return the account of an address as a person types it, or None."""
        try:
            return self._users.find(canonical_email(email))
        except InvalidEmail:
            return None

    def _refresh(self, stored: UserRecord, password: str, client: Client) -> UserRecord:
        """Upgrade an old hash, and return the account as it is stored now.

        A password that was changed while this one was checked is not overwritten, and this one
        does not sign in.
        """
        user_id = stored.user.id
        password_hash = self._passwords.upgrade(stored, password, client)
        fresh = self._users.get(user_id)
        if fresh is None or not fresh.user.is_active:
            self._refuse("disabled", user_id, client)
        # An app's own table may have no stamp but the one that the hash makes (`SQLUserStore`).
        is_new = password_hash != stored.password_hash
        same_stamp = is_new or fresh.security_stamp == stored.security_stamp
        if fresh.password_hash != password_hash or not same_stamp:
            self._refuse("changed meanwhile", user_id, client)
        return fresh

    def _hash_counted(self, password: str, client: Client) -> str:
        """Count an account that is made from a network, and return the hash of its password."""
        with self._passwords.place(client):
            self._throttle.take(*limits.registrations_from(client), client=client)
            return self._passwords.hash(password, client)

    def _refuse(self, reason: str, user_id: str | None, client: Client) -> NoReturn:
        self._record_refusal(reason, user_id, client)
        raise InvalidCredentials

    def _refuse_proof(self, user_id: str, client: Client) -> NoReturn:
        self._record_refusal("wrong proof", user_id, client)
        raise WrongPassword

    def _record_refusal(self, reason: str, user_id: str | None, client: Client) -> None:
        self._events.record(EventType.LOGIN_FAILED, user_id=user_id, client=client, reason=reason)
