"""Prints mail on the console, for development."""

import sys
from dataclasses import dataclass
from email.message import EmailMessage


@dataclass(frozen=True)
class ConsoleMailer:
    """Prints mail instead of sending it, links included: for development only."""

    def send(self, message: EmailMessage) -> None:
        sys.stdout.write(f"\n{message['To']}: {message['Subject']}\n\n{message.get_content()}\n")
        sys.stdout.flush()
