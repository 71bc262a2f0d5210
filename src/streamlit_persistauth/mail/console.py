"""Mail for a developer: onto the console."""

import sys
from dataclasses import dataclass
from email.message import EmailMessage


@dataclass(frozen=True)
class ConsoleMailer:
    """Prints mail instead of sending it, links included: for development only."""

    def send(self, message: EmailMessage) -> None:
        """See `Mailer.send`."""
        sys.stdout.write(f"\n{message['To']}: {message['Subject']}\n\n{message.get_content()}\n")
        sys.stdout.flush()
