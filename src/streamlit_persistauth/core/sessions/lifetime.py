"""The lifetime of sessions, and the age of the last password check."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from streamlit_persistauth.core.clock import LEEWAY
from streamlit_persistauth.core.storage.records import TokenRecord
from streamlit_persistauth.models import Session


@dataclass(frozen=True, slots=True)
class Lifetime:
    """The time limits of an app's sessions (ASVS 7.3.1 and 7.3.2).

    Attributes:
        access: The lifetime of a session, or with renewal, of one credential.
        renewal: The total lifetime of a session with renewal; None without renewal.
        idle: The idle timeout; None without one.
    """

    access: timedelta
    renewal: timedelta | None = None
    idle: timedelta | None = None

    def length(self, *, remember: bool) -> timedelta:
        """Return how long a session lasts at most, from its start.

        Renewal requires a browser that keeps a credential.
        """
        total = self.renewal if self.renewal and remember else self.access
        return max(total, self.access)

    def expires_at(self, created_at: datetime, *, remember: bool) -> datetime:
        """Return the expiry of a session."""
        return created_at + self.length(remember=remember)

    def is_due(self, issued_at: datetime, now: datetime) -> bool:
        """Return whether a credential is due for renewal."""
        return self.renewal is not None and now >= issued_at + self.access

    def expiry_reason(self, record: TokenRecord, now: datetime) -> str | None:
        """Return why a session has expired: `"expired"` or `"idle"`; None if it has not."""
        if now >= record.expires_at:
            return "expired"
        last_used_at = record.last_used_at or record.created_at
        if self.idle is not None and now >= last_used_at + self.idle:
            return "idle"
        return None

    def earliest_expiry(self, record: TokenRecord) -> datetime:
        """Return when a session expires if it is not used before."""
        if self.idle is None:
            return record.expires_at
        return min(record.expires_at, (record.last_used_at or record.created_at) + self.idle)

    def unexpired(self, records: Iterable[TokenRecord], now: datetime) -> list[TokenRecord]:
        """Return the records of sessions that have not expired."""
        return [record for record in records if self.expiry_reason(record, now) is None]


def is_recent(session: Session | None, max_age: timedelta | None, now: datetime) -> bool:
    """Return whether the password was checked within `max_age`; each check starts a session.

    A check in the future is not recent: a clock was ahead.
    """
    if max_age is None:
        return True
    return session is not None and -LEEWAY <= now - session.created_at <= max_age
