"""Mails with a forgotten username."""

from dataclasses import KW_ONLY, dataclass

from streamlit_persistauth.core.accounts.login_names import ENTER_ADDRESS, read_login_name
from streamlit_persistauth.core.accounts.mail_requests import MailRequests
from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.storage.queries import status_of
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.errors import InvalidEmail
from streamlit_persistauth.models import NOBODY, Client


@dataclass(frozen=True, eq=False, repr=False)
class UsernameReminders:
    """Sends usernames to the addresses of their accounts."""

    mail_requests: MailRequests
    _: KW_ONLY
    mails: Mails
    events: Events

    def request(self, email: str, *, client: Client = NOBODY) -> None:
        """Send the username of an account to its address, if an account has both.

        Neither the result nor the duration reveals whether the account exists.

        Raises:
            InvalidEmail: The text has no `@`.
            Throttled: Too many mails were requested for this address, which may have no account,
                or from this network.
        """
        name = read_login_name(email)
        if not name.is_email:
            raise InvalidEmail(ENTER_ADDRESS)
        self.mail_requests.post(
            name, lambda owner: self._send(owner, client), purpose="username", client=client
        )

    def _send(self, owner: UserRecord, client: Client) -> None:
        if not owner.user.username or status_of(owner) != "active":
            return
        self.events.record(EventType.USERNAME_REQUESTED, user_id=owner.user.id, client=client)
        self.mails.username_reminder(owner.user, language=client.language)
