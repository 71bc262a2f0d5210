"""The mails that visitors request by entering a login name."""

from collections.abc import Callable
from dataclasses import KW_ONLY, dataclass

from streamlit_persistauth.core.accounts.login_names import LoginBy, LoginName, LoginNames
from streamlit_persistauth.core.accounts.mails import Mails
from streamlit_persistauth.core.storage.records import UserRecord
from streamlit_persistauth.core.throttle import limits
from streamlit_persistauth.core.throttle.throttle import Bucket, Throttle
from streamlit_persistauth.errors import Throttled
from streamlit_persistauth.models import Client


@dataclass(frozen=True, eq=False, repr=False)
class MailRequests:
    """Limits the requests, and finds the accounts that get a mail."""

    login_names: LoginNames
    _: KW_ONLY
    throttle: Throttle
    mails: Mails

    def take(self, name: LoginName, *, client: Client) -> None:
        """Count a request.

        Raises:
            Throttled: Too many mails were requested for this login name, which may belong to no
                account, or from this network.
        """
        self.throttle.take(*limits.mails_from(client), limits.mail_to(name.text), client=client)

    def post(
        self,
        name: LoginName,
        send: Callable[[UserRecord], None],
        *,
        purpose: str,
        client: Client,
    ) -> None:
        """Count a request, and call `send` in a job if an account with an address has this name.

        The account is looked up after the call has returned, so neither its result nor its duration
        reveals whether the account exists.

        Args:
            name: The login name.
            send: Sends the mail to the account.
            purpose: The purpose of the mail. An address gets a limited number for each.
            client: The origin of the request.

        Raises:
            Throttled: As `take`.
        """
        self.take(name, client=client)
        self.mails.post(lambda: self._send(name, send, purpose, client))

    def _send(
        self, name: LoginName, send: Callable[[UserRecord], None], purpose: str, client: Client
    ) -> None:
        owner = self.login_names.find(name)
        if owner is None or not owner.user.email:
            return
        if self._may_get(limits.mail_received(owner.user.email, purpose), client):
            send(owner)

    def _may_get(self, received: Bucket, client: Client) -> bool:
        """Return whether the limit for an address allows a mail, whichever name was entered.

        No visitor sees the result, so it does not reveal which names belong to one account.
        """
        if self.login_names.by is LoginBy.EMAIL:  # `take` has counted the address
            return True
        try:
            self.throttle.take(received, client=client)
        except Throttled:
            return False
        return True
