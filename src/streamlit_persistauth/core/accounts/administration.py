"""What an administrator does with accounts."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from streamlit_persistauth.core.accounts.resets import Resets
from streamlit_persistauth.core.accounts.roles import ADMIN, clean_roles
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.core.storage.locks import LeaseLock
from streamlit_persistauth.core.storage.protocols import TokenStore, UserStore
from streamlit_persistauth.core.storage.queries import UserPage, UserQuery, status_of
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.core.text.emails import canonical_email
from streamlit_persistauth.core.text.measure import MAX_WORD, fits
from streamlit_persistauth.errors import InvalidEmail, LastAdmin, NotAllowed

TURN = "administrators"
"""Whoever might take away the last administrator does so in this turn."""


@dataclass(frozen=True, slots=True)
class ResetStart:
    """What became of a reset that an administrator started.

    Attributes:
        token: To be handed over, good for an hour and once, as the page takes it in the query
            parameter `persistauth_reset`; None where it was sent by mail, and so is nobody's
            business.
        link: The same as an address, where the app knows its own (PERSISTAUTH_PUBLIC_URL).
    """

    token: str | None = field(default=None, repr=False)
    link: str | None = field(default=None, repr=False)


class UserAdmin:
    """Finds accounts, and changes those of others.

    Where a method takes `by`, the id of the administrator who acts, it asks the store whether that
    still is one, and raises `NotAllowed` if not; the id goes into the event. Programs that act for
    nobody leave it out.

    An app never loses its last active administrator: whatever could take one away happens one
    after the other, over all replicas, and is refused with `LastAdmin` where no other is left.
    """

    def __init__(
        self,
        users: UserStore,
        tokens: TokenStore,
        resets: Resets,
        events: Events,
        *,
        leases: LeaseLock,
    ) -> None:
        """Wire the parts.

        Args:
            users: Where accounts live.
            tokens: Where their sign-ins and links are kept.
            resets: Makes and sends reset tokens.
            events: Told of every change.
            leases: Lets one change of administrators happen after the other.
        """
        self._users = users
        self._tokens = tokens
        self._resets = resets
        self._events = events
        self._leases = leases

    def find(self, query: UserQuery) -> UserPage:
        """Return a page of accounts, and how many there are in all."""
        return UserPage((), 0) if query.is_vain else self._users.page(query)

    def get(self, id_or_email: str) -> UserRecord | None:
        """Return the account of an id, or of an address as a person types it; or None."""
        record = self._users.get(id_or_email) if fits(id_or_email, MAX_WORD) else None
        if record is not None:
            return record
        try:
            return self._users.find(canonical_email(id_or_email))
        except InvalidEmail:
            return None

    def owners(self, user_ids: Iterable[str | None]) -> dict[str, UserRecord]:
        """Return the accounts of these ids, those that are still there, by id."""
        wanted = {user_id for user_id in user_ids if user_id}
        found = self._users.get_many(wanted) if wanted else []
        return {record.user.id: record for record in found}

    def emails(self, user_ids: Iterable[str | None]) -> dict[str, str]:
        """Return the addresses of those of these ids who are still there, by id."""
        return {user_id: owner.user.email for user_id, owner in self.owners(user_ids).items()}

    def set_roles(self, user_id: str, roles: Iterable[str], *, by: str | None = None) -> bool:
        """Give a user these roles and no others; return whether there is one.

        Raises:
            InvalidRole: A role can't be called this.
            LastAdmin: Nobody else has the role `admin`.
            NotAllowed: Who acts is no administrator any more.
        """
        names = clean_roles(roles)
        with self._acting(user_id, by, takes_admin=ADMIN not in names) as owner:
            if owner is None or not self._users.update(user_id, {"roles": names}):
                return False
        before, after = ", ".join(owner.user.roles), ", ".join(names)
        self._events.record(
            EventType.ROLES_CHANGED, user_id=user_id, by=by, before=before, after=after
        )
        return True

    def disable(self, user_id: str, *, by: str | None = None) -> bool:
        """Keep a user from signing in, and end all sign-ins and links; return whether there is one.

        What has ended stays ended when the account is enabled again.

        Raises:
            LastAdmin: As `set_roles`.
            NotAllowed: As `set_roles`.
        """
        with self._acting(user_id, by, takes_admin=True):
            there = self._users.update(user_id, {"is_active": False, "security_stamp": new_id()})
        self._tokens.end_user(user_id)
        if there:
            self._events.record(EventType.USER_DISABLED, user_id=user_id, by=by)
        return there

    def enable(self, user_id: str, *, by: str | None = None) -> bool:
        """Let a user sign in again; return whether there is one.

        Raises:
            NotAllowed: As `set_roles`.
        """
        self._authorise(by)
        there = self._users.update(user_id, {"is_active": True})
        if there:
            self._events.record(EventType.USER_ENABLED, user_id=user_id, by=by)
        return there

    def delete(self, user_id: str, *, by: str | None = None) -> bool:
        """Delete an account with its sign-ins and links; return whether there was one.

        Raises:
            LastAdmin: As `set_roles`.
            NotAllowed: As `set_roles`.
        """
        with self._acting(user_id, by, takes_admin=True):
            there = self._users.delete(user_id)
        self._tokens.end_user(user_id)
        if there:
            self._events.record(EventType.USER_DELETED, user_id=user_id, by=by)
        return there

    def sign_out(self, user_id: str, *, by: str | None = None) -> int:
        """End every sign-in of a user, and links that are on their way; return how many sign-ins.

        Raises:
            NotAllowed: As `set_roles`.
        """
        self._authorise(by)
        ended = len(self._tokens.list_sessions(user_id))
        self._tokens.end_user(user_id)
        self._events.record(EventType.SESSIONS_REVOKED, user_id=user_id, by=by)
        return ended

    def end_session(self, session_id: str, *, by: str | None = None) -> bool:
        """End one sign-in of whomever; return whether there was one.

        Raises:
            NotAllowed: As `set_roles`.
        """
        self._authorise(by)
        record = self._tokens.find_session(session_id)
        if record is None or not self._tokens.end_session(session_id):
            return False
        self._events.record(EventType.SESSIONS_REVOKED, user_id=record.user_id, by=by)
        return True

    def start_reset(self, user_id: str, *, by: str | None = None) -> ResetStart | None:
        """Have a user choose a new password: send the link, or where no mail is set up return it.

        The present password goes on until then. Nobody but its owner ever gets to choose one where
        mail is set up.

        Returns:
            What to hand over, if anything; None where there is no account, or none that can sign
            in.

        Raises:
            NotAllowed: As `set_roles`.
        """
        self._authorise(by)
        owner = self._users.get(user_id)
        return None if owner is None else self._start_reset(owner, by)

    def is_admin(self, user_id: str) -> bool:
        """Return whether this is an administrator at this moment, who can sign in."""
        record = self._users.get(user_id)
        return record is not None and _is_admin(record)

    def _start_reset(self, owner: UserRecord, by: str | None) -> ResetStart | None:
        token = self._resets.make(owner, by=by)
        if token is None:
            return None
        if self._resets.send(owner.user, token):
            return ResetStart()
        return ResetStart(token, self._resets.link(token))

    @contextmanager
    def _acting(
        self, user_id: str, by: str | None, *, takes_admin: bool
    ) -> Iterator[UserRecord | None]:
        """Yield the account, in the turn in which nobody else changes who is an administrator.

        Raises:
            LastAdmin: The change would take the last one away.
            NotAllowed: Who acts is none any more.
        """
        with self._leases.taken(TURN):
            self._authorise(by)
            record = self._users.get(user_id)
            if takes_admin and record is not None and _is_admin(record):
                self._refuse_last()
            yield record

    def _refuse_last(self) -> None:
        if self._users.page(UserQuery(role=ADMIN, status="active", limit=1)).total <= 1:
            raise LastAdmin

    def _authorise(self, by: str | None) -> None:
        if by is not None and not self.is_admin(by):
            self._events.record(EventType.ACCESS_DENIED, user_id=by, needed=ADMIN)
            raise NotAllowed((ADMIN,))


def _is_admin(record: UserRecord) -> bool:
    return ADMIN in record.user.roles and status_of(record) == "active"
