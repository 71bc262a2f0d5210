"""The administration of accounts."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import KW_ONLY, dataclass, field

from streamlit_persistauth.core.accounts.login_names import LoginNames, read_login_name
from streamlit_persistauth.core.accounts.resets import Resets
from streamlit_persistauth.core.accounts.roles import ADMIN, clean_roles
from streamlit_persistauth.core.accounts.username_changes import UsernameChanges
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.locks import LeaseLock
from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.core.storage.queries import UserPage, UserQuery, status_of
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.core.text.measure import MAX_WORD, fits
from streamlit_persistauth.errors import LastAdmin, NotAllowed, StoreError

ADMIN_LOCK = "administrators"
"""The lock for changes that could remove the last administrator."""


@dataclass(frozen=True, slots=True)
class ResetStart:
    """The result of a password reset that an administrator started.

    Attributes:
        token: A single-use token for the query parameter `persistauth_reset`, valid for one hour,
            to be given to the user; None if it was sent by mail.
        link: The token as a link, if `PERSISTAUTH_PUBLIC_URL` is set.
    """

    token: str | None = field(default=None, repr=False)
    link: str | None = field(default=None, repr=False)


@dataclass(frozen=True, eq=False, repr=False)
class UserAdmin:
    """Finds and changes accounts for an administrator.

    Methods with the argument `by`, the id of the acting administrator, read from the store whether
    that user is still an administrator, and raise `NotAllowed` otherwise. The id becomes a detail
    of the event. Programs omit it, or set `requires_admin` to False.

    An app keeps at least one active administrator: changes that could remove one are serialised
    over all replicas, and raise `LastAdmin` if no other administrator is left.

    Attributes:
        requires_admin: Whether the acting user must be an administrator. False for a program that
            has authorised the user by a rule of its own.
    """

    users: UserStore
    tokens: TokenStore
    resets: Resets
    events: Events
    _: KW_ONLY
    login_names: LoginNames
    username_changes: UsernameChanges
    leases: LeaseLock
    requires_admin: bool = True

    def find(self, query: UserQuery) -> UserPage:
        """Return a page of accounts and the number of all matching ones."""
        return UserPage((), 0) if query.matches_nothing else self.users.page(query)

    def get(self, identifier: str) -> UserRecord | None:
        """Return the account with an id, or an address or username as entered, or None.

        An id takes precedence, so a username that equals the id of another account is no way to
        be mistaken for it.
        """
        record = self.users.get(identifier) if fits(identifier, MAX_WORD) else None
        return record or self.login_names.find(read_login_name(identifier))

    def owners(self, user_ids: Iterable[str | None]) -> dict[str, UserRecord]:
        """Return the existing accounts with these ids, by id."""
        wanted = {user_id for user_id in user_ids if user_id}
        records = self.users.get_many(wanted) if wanted else []
        return {record.user.id: record for record in records}

    def names(self, user_ids: Iterable[str | None]) -> dict[str, str]:
        """Return the login names of the existing accounts with these ids, by id."""
        name_of = self.login_names.name_of
        return {user_id: name_of(owner.user) for user_id, owner in self.owners(user_ids).items()}

    def set_username(self, user_id: str, username: str, *, by: str | None = None) -> bool:
        """Change the username of an account, or remove it; return whether the account exists.

        Sessions stay valid.

        Args:
            user_id: The account.
            username: The username as entered; empty to remove it.
            by: The id of the acting administrator, if any.

        Raises:
            InvalidUsername: The text is not a username, or the account could not sign in without
                one.
            UsernameTaken: Another account has the username, or one that looks like it.
            NotAllowed: As `set_roles`.
        """
        self._authorise(by)
        owner = self.users.get(user_id)
        return owner is not None and self.username_changes.set(owner, username, by=by)

    def set_roles(self, user_id: str, roles: Iterable[str], *, by: str | None = None) -> bool:
        """Replace the roles of a user; return whether the user exists.

        Raises:
            InvalidRole: The name of a role is not acceptable.
            LastAdmin: The user is the last active administrator.
            NotAllowed: The acting user is no longer an administrator.
        """
        names = clean_roles(roles)
        with self._locked(user_id, by, takes_admin=ADMIN not in names) as owner:
            if owner is None or not self.users.update(user_id, {"roles": names}):
                return False
        before, after = ", ".join(owner.user.roles), ", ".join(names)
        self.events.record(
            EventType.ROLES_CHANGED, user_id=user_id, by=by, before=before, after=after
        )
        return True

    def disable(self, user_id: str, *, by: str | None = None) -> bool:
        """Disable an account, and revoke its sessions and links; return whether it exists.

        They remain revoked after the account is enabled again.

        Raises:
            LastAdmin: As `set_roles`.
            NotAllowed: As `set_roles`.
        """
        with self._locked(user_id, by, takes_admin=True):
            there = self.users.update(user_id, {"is_active": False, "security_stamp": new_id()})
        self.tokens.end_user(user_id)
        if there:
            self.events.record(EventType.USER_DISABLED, user_id=user_id, by=by)
        return there

    def enable(self, user_id: str, *, by: str | None = None) -> bool:
        """Enable a disabled account; return whether it exists.

        Raises:
            NotAllowed: As `set_roles`.
        """
        self._authorise(by)
        there = self.users.update(user_id, {"is_active": True})
        if there:
            self.events.record(EventType.USER_ENABLED, user_id=user_id, by=by)
        return there

    def delete(self, user_id: str, *, by: str | None = None) -> bool:
        """Delete an account with its sessions and links; return whether it existed.

        Raises:
            LastAdmin: As `set_roles`.
            NotAllowed: As `set_roles`.
        """
        with self._locked(user_id, by, takes_admin=True):
            there = self.users.delete(user_id)
        with suppress(StoreError):  # without an account they are invalid; a purge deletes them
            self.tokens.end_user(user_id)
        if there:
            self.events.record(EventType.USER_DELETED, user_id=user_id, by=by)
        return there

    def sign_out(self, user_id: str, *, by: str | None = None) -> int:
        """Revoke the sessions and links of a user; return the number of sessions.

        Raises:
            NotAllowed: As `set_roles`.
        """
        self._authorise(by)
        revoked = len(self.tokens.list_sessions(user_id))
        self.tokens.end_user(user_id)
        self.events.record(EventType.SESSIONS_REVOKED, user_id=user_id, by=by)
        return revoked

    def end_session(self, session_id: str, *, by: str | None = None) -> bool:
        """Revoke one session of any user; return whether it existed.

        Raises:
            NotAllowed: As `set_roles`.
        """
        self._authorise(by)
        record = self.tokens.find_session(session_id)
        if record is None or not self.tokens.end_session(session_id):
            return False
        self.events.record(EventType.SESSIONS_REVOKED, user_id=record.user_id, by=by)
        return True

    def start_reset(self, user_id: str, *, by: str | None = None) -> ResetStart | None:
        """Start a password reset: send a link to the user, or return it if mail is not set up.

        The current password stays valid until the user sets a new one. If mail is set up, only the
        user gets the link.

        Returns:
            The started reset, or None for an unknown, disabled or invited user.

        Raises:
            NotAllowed: As `set_roles`.
        """
        self._authorise(by)
        owner = self.users.get(user_id)
        return None if owner is None else self._start_reset(owner, by)

    def is_admin(self, user_id: str) -> bool:
        """Return whether a user is an active administrator now."""
        record = self.users.get(user_id)
        return record is not None and _is_admin(record)

    def _start_reset(self, owner: UserRecord, by: str | None) -> ResetStart | None:
        token = self.resets.make(owner, by=by)
        if token is None:
            return None
        if self.resets.send(owner.user, token):
            return ResetStart()
        return ResetStart(token, self.resets.link(token))

    @contextmanager
    def _locked(
        self, user_id: str, by: str | None, *, takes_admin: bool
    ) -> Iterator[UserRecord | None]:
        """Yield the account while holding the lock for changes of administrators.

        Raises:
            LastAdmin: The change would remove the last administrator.
            NotAllowed: The acting user is no longer an administrator.
        """
        with self.leases.taken(ADMIN_LOCK):
            self._authorise(by)
            record = self.users.get(user_id)
            if takes_admin and record is not None and _is_admin(record):
                self._refuse_last()
            yield record

    def _refuse_last(self) -> None:
        if self.users.page(UserQuery(role=ADMIN, status="active", limit=1)).total <= 1:
            raise LastAdmin

    def _authorise(self, by: str | None) -> None:
        if self.requires_admin and by is not None and not self.is_admin(by):
            self.events.record(EventType.ACCESS_DENIED, user_id=by, needed=ADMIN)
            raise NotAllowed((ADMIN,))


def _is_admin(record: UserRecord) -> bool:
    return ADMIN in record.user.roles and status_of(record) == "active"
