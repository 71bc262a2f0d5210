"""Changes of an account that revoke its sessions and links."""

from contextlib import suppress
from dataclasses import dataclass

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.core.storage.records import UserChanges, UserRecord
from streamlit_persistauth.errors import StoreError


@dataclass(frozen=True, eq=False, repr=False)
class AccountChanges:
    """Changes the password or the address of an account.

    One write makes the change and replaces the security stamp, which revokes all sessions and links
    of the account, also the link that allowed the change. If that write fails, the link is valid
    and the change can be repeated. What follows the write can't fail the change: records that are
    not deleted are revoked already.
    """

    users: UserStore
    tokens: TokenStore

    def apply(self, owner: UserRecord, changes: UserChanges) -> UserRecord | None:
        """Change an account, and revoke its sessions and links.

        Args:
            owner: The account as it was read.
            changes: The new values by column.

        Returns:
            The changed account, or None if its password or address has changed since `owner` was
            read. Nothing is changed then.

        Raises:
            EmailTaken: Another account has the new address.
            UsernameTaken: Another account has the new username.
            StoreError: The store failed; nothing is changed.
        """
        user_id = owner.user.id
        changes = {**changes, "security_stamp": new_id()}
        if not self.users.update(user_id, changes, was=owner):
            return None
        with suppress(StoreError):
            self.tokens.end_user(user_id)
        try:
            return self.users.get(user_id)
        except StoreError:
            return owner.changed(changes)
