"""The accounts that have a username, and those that do not keep it."""

from dataclasses import dataclass

from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.records import Pending, UserChanges, UserRecord
from streamlit_persistauth.core.text.usernames import username_key
from streamlit_persistauth.models import User


@dataclass(frozen=True, eq=False, repr=False)
class UsernameHolders:
    """Finds the accounts with a username or a look-alike, and deletes unconfirmed ones.

    An unconfirmed registration does not reserve its username. If it did, the refusal of the
    username would reveal that it was stored, thus that its address has no account.
    """

    users: UserStore
    events: Events

    def find(self, username: str) -> list[UserRecord]:
        """Return the accounts that have a canonical username, or one that looks like it.

        Both are looked up in any case, so the work does not depend on the accounts.
        """
        if not username:
            return []
        key = username_key(username)
        found = (self.users.find_username(username), self.users.find_username_key(key))
        return list({record.user.id: record for record in found if record}.values())

    def release(self, user: User) -> None:
        """Delete the unconfirmed registrations of other addresses that have a user's username."""
        for stored in self.find(user.username):
            if stored.pending is not Pending.CONFIRMATION or stored.user.email == user.email:
                continue
            # A new stamp revokes its link, so a simultaneous confirmation fails; without a column
            # for stamps, a new hash does.
            revoked: UserChanges = {"security_stamp": new_id(), "password_hash": ""}
            if self.users.update(stored.user.id, revoked, was=stored):
                self.users.delete(stored.user.id)
                self.events.record(EventType.USER_DELETED, user_id=stored.user.id)
