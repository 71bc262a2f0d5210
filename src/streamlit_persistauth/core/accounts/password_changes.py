"""Change the password of an account."""

from dataclasses import KW_ONLY, dataclass

from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.passwords.checks import PasswordChecks
from streamlit_persistauth.core.passwords.policy import PasswordPolicy
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.core.storage.records import UserChanges, UserRecord
from streamlit_persistauth.errors import InvalidPassword, WrongPassword
from streamlit_persistauth.models import NOBODY, Client


@dataclass(frozen=True, eq=False, repr=False)
class PasswordChanges:
    """Changes passwords.

    Each change replaces the security stamp. That one write revokes all sessions and links of the
    account; their records are deleted afterwards.
    """

    accounts: Accounts
    users: UserStore
    tokens: TokenStore
    _: KW_ONLY
    passwords: PasswordChecks
    policy: PasswordPolicy
    mails: Mails
    events: Events

    def change(
        self, user_id: str, current: str, new: str, *, client: Client = NOBODY
    ) -> UserRecord:
        """Change the password of a user who knows the current one.

        Raises:
            WrongPassword: The current password is wrong.
            InvalidPassword: The policy rejects the new password.
            Throttled: Too many attempts.
            Busy: Too many passwords from this network are being checked. Nothing is counted.
        """
        stored = self.accounts.reauthenticate(user_id, current, client=client)
        if current == new:
            raise InvalidPassword("The new password must be different from the current one.")
        self.check(stored, new)
        changed = self.set(stored, new)
        if changed is None:
            raise WrongPassword
        self.mails.password_changed(changed.user, language=client.language)
        self.events.record(EventType.PASSWORD_CHANGED, user_id=user_id, client=client)
        return changed

    def check(self, owner: UserRecord, password: str) -> None:
        """Check a new password for an account.

        Raises:
            InvalidPassword: The policy rejects it; the message gives the cause.
        """
        user = owner.user
        self.policy.check(
            password, email=user.email, username=user.username, full_name=user.full_name
        )

    def set(
        self, owner: UserRecord, password: str, *, full_name: str | None = None
    ) -> UserRecord | None:
        """Set the password of an account, which completes a pending account.

        The caller must have checked the current password or a link that was sent to the address.

        Args:
            owner: The account as it was read.
            password: The new password.
            full_name: A new display name, if any.

        Returns:
            The changed account, or None if its password or address has changed since `owner` was
            read. Nothing is changed then.
        """
        user_id = owner.user.id
        changes: UserChanges = {
            "password_hash": self.passwords.hash(password),
            "security_stamp": new_id(),
            "pending": None,
        }
        if full_name is not None:
            changes["full_name"] = full_name
        if not self.users.update(user_id, changes, was=owner):
            return None
        self.tokens.end_user(user_id)
        return self.users.get(user_id)
