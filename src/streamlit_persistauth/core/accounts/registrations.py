"""What happens when a visitor registers."""

from collections.abc import Callable
from dataclasses import replace

from streamlit_persistauth.core.accounts.accounts import Accounts
from streamlit_persistauth.core.accounts.confirmations import Confirmations
from streamlit_persistauth.core.accounts.invitations import Invitations
from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.storage.protocols import UserStore
from streamlit_persistauth.core.storage.records import Pending, UserChanges, UserRecord
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.core.throttle.throttle import Throttle
from streamlit_persistauth.errors import ConfirmationNeeded, EmailTaken
from streamlit_persistauth.models import NOBODY, Client


class Registrations:
    """Makes accounts for visitors: at once, or once they have proven their address."""

    def __init__(
        self,
        accounts: Accounts,
        users: UserStore,
        confirmations: Confirmations,
        invitations: Invitations,
        *,
        throttle: Throttle,
        mails: Mails,
        events: Events,
        must_confirm: Callable[[], bool],
    ) -> None:
        """Wire the parts; `must_confirm` tells whether the next address has to be proven."""
        self._accounts = accounts
        self._users = users
        self._confirmations = confirmations
        self._invitations = invitations
        self._throttle = throttle
        self._mails = mails
        self._events = events
        self._must_confirm = must_confirm

    def register(
        self,
        email: str,
        password: str,
        *,
        full_name: str = "",
        first: bool = False,
        client: Client = NOBODY,
    ) -> UserRecord:
        """Make an account; it has no roles.

        Where addresses have to be proven, one that is taken gets the same answer after the same
        work, and its owner a letter (ASVS 6.3.8).

        Args:
            email: The login name.
            password: As typed.
            full_name: What the person calls themselves.
            first: Make the account only where there is none at all. Its address is not proven:
                the person who installs an app must not wait for mail.
            client: From where it is made.

        Raises:
            ConfirmationNeeded: A link is on its way; the account counts once it is opened.
            InvalidEmail: The address is none.
            InvalidName: The name can't be shown.
            InvalidPassword: The policy refuses the password.
            EmailTaken: Another account has the address, or one that looks like it. Never where
                addresses have to be proven.
            RegistrationClosed: It would not be the first account.
            Throttled: Too many were made from this network, or for this address.
            Busy: Too many passwords of this network are being checked; nothing is counted.
        """
        if first or not self._must_confirm():
            return self._accounts.register(
                email, password, full_name=full_name, first=first, client=client
            )
        draft = self._accounts.draft(email, password, full_name=full_name, client=client)
        self._throttle.take(limits.mail_to(draft.user.email), client=client)
        draft = replace(draft, pending=Pending.CONFIRMATION)
        self._mails.post(lambda: self._begin(draft, client))
        raise ConfirmationNeeded

    def _begin(self, draft: UserRecord, client: Client) -> None:
        """Keep a draft and send its link; where the address is taken, write to its owner."""
        stored = self._users.find(draft.user.email)
        if stored is None:
            self._add(draft, client)
        elif stored.pending is Pending.CONFIRMATION:
            self._replace(stored, draft, client)
        elif stored.pending is Pending.INVITATION:
            self._invitations.send(stored, client)
        else:
            self._accounts.record_refused_registration(EmailTaken(), stored.user.id, client)
            self._mails.already_registered(stored.user, language=client.language)

    def _add(self, draft: UserRecord, client: Client) -> None:
        try:
            self._users.add(draft)
        except EmailTaken as refusal:  # by an address that looks like it, whose owner is unknown
            self._accounts.record_refused_registration(refusal, None, client)
            return
        self._events.record(EventType.REGISTERED, user_id=draft.user.id, client=client)
        self._confirmations.send(draft, draft.user.email, client)

    def _replace(self, stored: UserRecord, draft: UserRecord, client: Client) -> None:
        """Let the latest registration of an unproven address count, and no earlier one.

        So nobody keeps an address from its owner, and no password chosen by somebody else waits
        for the owner to prove it.
        """
        changes: UserChanges = {
            "full_name": draft.user.full_name,
            "password_hash": draft.password_hash,
            "security_stamp": draft.security_stamp or "",
        }
        if draft.user.created_at:
            changes["created_at"] = draft.user.created_at
        changed = self._users.update(stored.user.id, changes, was=stored)
        fresh = self._users.get(stored.user.id) if changed else None
        if fresh is not None:
            self._events.record(EventType.REGISTERED, user_id=fresh.user.id, client=client)
            self._confirmations.send(fresh, fresh.user.email, client)
