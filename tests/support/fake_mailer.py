"""A mailer for tests of the core."""

import re
from dataclasses import dataclass, field
from email.message import EmailMessage


@dataclass
class FakeMailer:
    """Keeps what is sent, or fails to send."""

    sent: list[EmailMessage] = field(default_factory=list)
    error: Exception | None = None

    def send(self, message: EmailMessage) -> None:
        if self.error:
            raise self.error
        self.sent.append(message)

    @property
    def token(self) -> str:
        """The token in the link of the last mail."""
        found = re.search(r"\?persistauth_\w+=(\S+)", str(self.sent[-1].get_content()))
        assert found is not None
        return found[1]

    @property
    def addressees(self) -> list[str]:
        """The recipients of the mails."""
        return [str(message["To"]) for message in self.sent]
