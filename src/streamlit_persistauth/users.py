"""The administration of accounts by a program: `auth.users`."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Final, get_args

from streamlit_persistauth.core.accounts.administration import UserAdmin
from streamlit_persistauth.core.accounts.login_names import read_login_name
from streamlit_persistauth.core.arguments import (
    NO_EMAIL,
    NO_NAME,
    NO_PASSWORD,
    NO_USERNAME,
    a_text,
    an_id,
    flag,
    names,
    one_of,
    typed_text,
    whole,
)
from streamlit_persistauth.core.storage.queries import Status, UserQuery, UserSort
from streamlit_persistauth.core.storage.records import TokenType, UserRecord
from streamlit_persistauth.errors import (
    InvalidArgument,
    InvalidEmail,
    InvalidName,
    InvalidPassword,
    InvalidUsername,
    UserNotFound,
)
from streamlit_persistauth.models import AccountLink, User, UserList
from streamlit_persistauth.wiring.services import Services

BATCH: Final = 1000
"""Accounts that `Users.list` reads at a time."""
NAMES_NOT_STORED: Final = "This app doesn't store names."


@dataclass(frozen=True, eq=False, repr=False)
class Users:
    """The accounts of an app, for scripts, notebooks, tests, and pages and endpoints of the app.

    The methods follow the rules of the admin panel and of `persistauth users`, and record the same
    events. They do not check who calls them: guard the page or the endpoint that does.

    The argument `user` is a `User`, an id, an email address or a username. The argument `by` is the
    user who requested the change, or their id; it becomes the detail `by` of the event. In a page
    it is the signed-in user by default. A program or a command has none.
    """

    _services: Services
    _current_id: Callable[[], str | None]

    def list(
        self,
        *,
        text: str = "",
        role: str | None = None,
        status: Status | None = None,
        sort: UserSort = "email",
        descending: bool = False,
        offset: int = 0,
        limit: int | None = None,
    ) -> UserList:
        """Return the accounts that match all of these.

        Args:
            text: A text that the email address, the username or the name contains, ignoring case.
            role: A role of the accounts.
            status: `"active"`, `"disabled"`, or `"pending"` for an account whose invitation or
                confirmation is outstanding.
            sort: `"email"`, `"username"`, `"full_name"`, `"created_at"` or `"last_login_at"`.
            descending: Whether to reverse the order.
            offset: The number of accounts to skip.
            limit: The maximum number of accounts to return; None for all, which are read in
                batches.

        Raises:
            StoreError: The store did not answer.
        """
        query = UserQuery(
            text=a_text(text, "text"),
            role=None if role is None else a_text(role, "role"),
            status=None if status is None else one_of(status, get_args(Status), "status"),
            sort=one_of(sort, get_args(UserSort), "sort"),
            descending=flag(descending, "descending"),
            offset=whole(offset, "offset"),
        )
        if limit is None:
            return self._all(query)
        page = self._admin.find(replace(query, limit=whole(limit, "limit")))
        return UserList(tuple(record.user for record in page.users), page.total)

    def get(self, user_id: str) -> User | None:
        """Return the account with an id, or None.

        Raises:
            StoreError: The store did not answer.
        """
        known = an_id(user_id, "user_id")
        record = self._services.users.get(known) if known else None
        return record.user if record else None

    def find(self, identifier: str) -> User | None:
        """Return the account with an email address or a username, as a user would type it, or None.

        Raises:
            StoreError: The store did not answer.
        """
        record = self._services.login_names.find(read_login_name(a_text(identifier, "identifier")))
        return record.user if record else None

    def add(
        self,
        email: str,
        *,
        password: str | None = None,
        username: str = "",
        full_name: str = "",
        roles: Iterable[str] = (),
        by: User | str | None = None,
    ) -> User:
        """Create an account that is active at once; the address needs no confirmation.

        Args:
            email: The email address; may be empty with PERSISTAUTH_LOGIN_BY=username.
            password: The password. None for an account without one: the user gets it by
                `create_reset_link`, or by "Forgot your password?".
            username: The username; needed unless PERSISTAUTH_LOGIN_BY is `email`.
            full_name: The display name.
            roles: The names of the roles.
            by: As for every method.

        Raises:
            InvalidEmail: The text is not an email address.
            InvalidUsername: The text is not a username.
            InvalidName: The name cannot be shown.
            InvalidPassword: The policy rejects the password.
            InvalidRole: The name of a role is not acceptable.
            EmailTaken: Another account has the address, or one that looks like it.
            UsernameTaken: Another account has the username, or one that looks like it.
            Busy: Too many passwords are being checked; try again.
            StoreError: The account could not be stored.
        """
        record = self._services.accounts.register(
            typed_text(email, InvalidEmail(NO_EMAIL)),
            None if password is None else typed_text(password, InvalidPassword(NO_PASSWORD)),
            username=typed_text(username, InvalidUsername(NO_USERNAME)),
            full_name=typed_text(full_name, InvalidName(NO_NAME)),
            roles=names(roles, "roles"),
            by=self._actor(by),
        )
        return record.user

    def invite(
        self,
        email: str,
        *,
        username: str = "",
        full_name: str = "",
        roles: Iterable[str] = (),
        by: User | str | None = None,
    ) -> AccountLink:
        """Create an account whose owner chooses the password, by a link that is valid for a week.

        It replaces an earlier invitation of the address, and a registration that was never
        confirmed. If mail is set up and the account has an address, the link is sent.

        Args:
            email: The email address; may be empty if there is a username and
                PERSISTAUTH_LOGIN_BY is not `email`.
            username: The username, which the invited user can change.
            full_name: A suggestion, which the invited user can change.
            roles: The names of the roles.
            by: As for every method.

        Raises:
            InvalidEmail: The text is not an email address.
            InvalidUsername: The text is not a username.
            InvalidName: The name cannot be shown.
            InvalidRole: The name of a role is not acceptable.
            EmailTaken: An account has the address, or one that looks like it.
            UsernameTaken: An account has the username, or one that looks like it.
            UserNotFound: The account was deleted meanwhile.
            StoreError: The invitation could not be stored.
        """
        address = typed_text(email, InvalidEmail(NO_EMAIL))
        login_name = typed_text(username, InvalidUsername(NO_USERNAME))
        token = self._services.invitations.create(
            address,
            username=login_name,
            full_name=typed_text(full_name, InvalidName(NO_NAME)),
            roles=names(roles, "roles"),
            by=self._actor(by),
        )
        user, mails = self.find(address or login_name), self._services.mails
        if user is None:  # deleted meanwhile
            raise UserNotFound
        if mails.can_link and user.email:
            return AccountLink(user)
        return AccountLink(user, token, mails.link(TokenType.INVITATION, token))

    def set_roles(
        self, user: User | str, roles: Iterable[str], *, by: User | str | None = None
    ) -> User:
        """Replace the roles of a user.

        Raises:
            UserNotFound: There is no such account.
            InvalidRole: The name of a role is not acceptable.
            LastAdmin: The user is the last active administrator.
            StoreError: The roles could not be stored.
        """
        return self._change(self._admin.set_roles, user, names(roles, "roles"), by=by)

    def rename(self, user: User | str, full_name: str, *, by: User | str | None = None) -> User:
        """Change the display name of a user.

        Raises:
            UserNotFound: There is no such account.
            InvalidName: The name cannot be shown, or the user store of the app has no names.
            StoreError: The name could not be stored.
        """
        user_id, name = self._require(user).user.id, typed_text(full_name, InvalidName(NO_NAME))
        is_stored = self._services.accounts.change_name(user_id, name, by=self._actor(by))
        renamed = self._stored(user_id)
        if not is_stored:
            raise InvalidName(NAMES_NOT_STORED)
        return renamed

    def set_username(
        self, user: User | str, username: str, *, by: User | str | None = None
    ) -> User:
        """Change the username of a user, or remove it by an empty text. Sessions stay valid.

        Raises:
            UserNotFound: There is no such account.
            InvalidUsername: The text is not a username, or the account could not sign in without
                one.
            UsernameTaken: Another account has the username, or one that looks like it.
            StoreError: The username could not be stored.
        """
        login_name = typed_text(username, InvalidUsername(NO_USERNAME))
        return self._change(self._admin.set_username, user, login_name, by=by)

    def disable(self, user: User | str, *, by: User | str | None = None) -> User:
        """Disable an account, and revoke its sessions and links; they stay revoked.

        Raises:
            UserNotFound: There is no such account.
            LastAdmin: The user is the last active administrator.
            StoreError: The account could not be changed.
        """
        return self._change(self._admin.disable, user, by=by)

    def enable(self, user: User | str, *, by: User | str | None = None) -> User:
        """Enable a disabled account.

        Raises:
            UserNotFound: There is no such account.
            StoreError: The account could not be changed.
        """
        return self._change(self._admin.enable, user, by=by)

    def delete(self, user: User | str, *, by: User | str | None = None) -> None:
        """Delete an account with its sessions and links. `disable` can be undone, this cannot.

        Raises:
            UserNotFound: There is no such account.
            LastAdmin: The user is the last active administrator.
            StoreError: The account could not be deleted.
        """
        user_id = self._require(user).user.id
        if not self._admin.delete(user_id, by=self._actor(by)):
            raise UserNotFound

    def sign_out(self, user: User | str, *, by: User | str | None = None) -> int:
        """Revoke all sessions and links of a user; return the number of sessions.

        Raises:
            UserNotFound: There is no such account.
            StoreError: They could not be revoked.
        """
        return self._admin.sign_out(self._require(user).user.id, by=self._actor(by))

    def create_reset_link(
        self, user: User | str, *, by: User | str | None = None
    ) -> AccountLink | None:
        """Let a user choose a new password, by a link that is valid for an hour.

        If mail is set up, the link is sent. The current password stays valid until then.

        Returns:
            The link; None for a disabled account, or one whose invitation was not accepted.

        Raises:
            UserNotFound: There is no such account.
            StoreError: The link could not be stored.
        """
        owner = self._require(user).user
        started = self._admin.start_reset(owner.id, by=self._actor(by))
        return AccountLink(owner, started.token, started.link) if started else None

    @property
    def _admin(self) -> UserAdmin:
        """The rules of administration, without the check of the acting user's role."""
        return replace(self._services.user_admin, requires_admin=False)

    def _all(self, query: UserQuery) -> UserList:
        """Return all matching accounts, reading them in batches."""
        users: tuple[User, ...] = ()
        while True:
            page = self._admin.find(replace(query, limit=BATCH))
            users += tuple(record.user for record in page.users)
            query = replace(query, offset=query.offset + BATCH)
            if query.offset >= page.total:
                return UserList(users, page.total)

    def _require(self, user: User | str) -> UserRecord:
        """Return the stored account of a user.

        Raises:
            UserNotFound: There is none.
            InvalidArgument: The argument is neither a `User` nor a string.
        """
        if isinstance(user, User):
            record = self._services.users.get(user.id)
        elif isinstance(user, str):
            record = self._admin.get(user)
        else:
            raise InvalidArgument("user", "a User, an id, an address or a username is expected.")
        if record is None:
            raise UserNotFound
        return record

    def _change(
        self, change: Callable[..., bool], user: User | str, *values: object, by: User | str | None
    ) -> User:
        """Change an account by a method of `UserAdmin`, and return it as it is stored then.

        Raises:
            UserNotFound: There is no such account, or it was deleted meanwhile.
        """
        user_id = self._require(user).user.id
        change(user_id, *values, by=self._actor(by))
        return self._stored(user_id)

    def _stored(self, user_id: str) -> User:
        """Return an account as it is stored after a change.

        Raises:
            UserNotFound: It was deleted meanwhile.
        """
        record = self._services.users.get(user_id)
        if record is None:
            raise UserNotFound
        return record.user

    def _actor(self, by: User | str | None) -> str | None:
        """Return the id of the user who requested a change, for the event."""
        if by is None:
            return self._current_id()
        known = by.id if isinstance(by, User) else an_id(by, "by")
        if known is None:
            raise InvalidArgument("by", "a User or an id is expected.")
        return known
