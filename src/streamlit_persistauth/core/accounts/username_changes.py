"""Changes of usernames."""

from dataclasses import KW_ONLY, dataclass, replace

from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.login_names import LoginNames
from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.accounts.username_holders import UsernameHolders
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.records import UserChanges, UserRecord
from streamlit_persistauth.core.text.usernames import username_key
from streamlit_persistauth.errors import InvalidUsername, WrongPassword
from streamlit_persistauth.models import NOBODY, Client


@dataclass(frozen=True, eq=False, repr=False)
class UsernameChanges:
    """Changes usernames, and notifies the users. Sessions stay valid: they refer to the id."""

    accounts: Accounts
    users: UserStore
    _: KW_ONLY
    login_names: LoginNames
    username_holders: UsernameHolders
    mails: Mails
    events: Events

    def change(
        self, user_id: str, password: str, username: str, *, client: Client = NOBODY
    ) -> None:
        """Change the username of a user who knows the password.

        Raises:
            InvalidUsername: The text is not a username, or is the current one.
            WrongPassword: The password is wrong.
            UsernameTaken: Another account has the username, or one that looks like it.
            Throttled: Too many attempts.
            Busy: Too many passwords from this network are being checked. Nothing is counted.
        """
        name = self.login_names.clean_username(username)
        owner = self.accounts.reauthenticate(user_id, password, client=client)
        if name == owner.user.username:
            raise InvalidUsername("This is already your username.")
        if not self._store(owner, name, client=client, was=owner):
            raise WrongPassword

    def set(self, owner: UserRecord, username: str, *, by: str | None = None) -> bool:
        """Set the username of an account, or remove it; return whether the account exists.

        Args:
            owner: The account.
            username: The username as entered; empty to remove it.
            by: The id of the acting administrator, if any.

        Raises:
            InvalidUsername: The text is not a username, or the account could not sign in without
                one.
            UsernameTaken: Another account has the username, or one that looks like it.
        """
        name = self.login_names.clean_username(username) if username.strip() else ""
        if not name and not self.login_names.can_sign_in(replace(owner.user, username="")):
            raise InvalidUsername("The account can't sign in without a username.")
        return self._store(owner, name, by=by)

    def _store(
        self,
        owner: UserRecord,
        username: str,
        *,
        client: Client = NOBODY,
        by: str | None = None,
        was: UserRecord | None = None,
    ) -> bool:
        user = owner.user
        key = username_key(username) if username else None
        changes: UserChanges = {"username": username, "username_key": key}
        self.username_holders.release(replace(user, username=username))
        if not self.users.update(user.id, changes, was=was):
            return False
        self.events.record(EventType.USERNAME_CHANGED, user_id=user.id, client=client, by=by)
        if username != user.username:
            self.mails.username_changed(user, language=client.language)
        return True
