"""Change the password of an account."""

from dataclasses import KW_ONLY, dataclass

from streamlit_persistauth.core.accounts.account_changes import AccountChanges
from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.passwords.checks import PasswordChecks
from streamlit_persistauth.core.passwords.policy import PasswordPolicy
from streamlit_persistauth.core.storage.records import UserChanges, UserRecord
from streamlit_persistauth.errors import InvalidPassword, WrongPassword
from streamlit_persistauth.models import NOBODY, Client


@dataclass(frozen=True, eq=False, repr=False)
class PasswordChanges:
    """Changes passwords, which revokes all sessions and links of the account."""

    accounts: Accounts
    account_changes: AccountChanges
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
        self, owner: UserRecord, password: str, others: UserChanges | None = None
    ) -> UserRecord | None:
        """Set the password of an account, which completes a pending account.

        The caller must have checked the current password or a link that was sent to the address.

        Args:
            owner: The account as it was read.
            password: The new password.
            others: Other columns to change at once.

        Returns:
            The changed account, or None if its password or address has changed since `owner` was
            read. Nothing is changed then.

        Raises:
            UsernameTaken: Another account has the new username.
            StoreError: The store failed; nothing is changed.
        """
        password_hash = self.passwords.hash(password)
        changes: UserChanges = {"password_hash": password_hash, "pending": None}
        return self.account_changes.apply(owner, {**(others or {}), **changes})
