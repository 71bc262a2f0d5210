"""How long a sign-in lasts, and why it is over."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from streamlit_persistauth.core.storage.records import TokenRecord
from streamlit_persistauth.models import Session


@dataclass(frozen=True, slots=True)
class Lifetime:
    """The time limits of an app's sign-ins (ASVS 7.3.1 and 7.3.2).

    Attributes:
        access: How long a sign-in lasts, or with renewal, how long one credential of it serves.
        renewal: How long renewal can carry a sign-in, in all; None without renewal.
        idle: How long a sign-in lasts unused; None for any time.
    """

    access: timedelta
    renewal: timedelta | None = None
    idle: timedelta | None = None

    def end_of(self, began: datetime, *, remember: bool) -> datetime:
        """Return when a sign-in ends by itself. Renewal needs a browser that keeps something."""
        carried = self.renewal if self.renewal and remember else self.access
        return began + max(carried, self.access)

    def is_due(self, issued: datetime, now: datetime) -> bool:
        """Return whether a credential made then is to be renewed now."""
        return self.renewal is not None and now >= issued + self.access


def end_reason(record: TokenRecord, lifetime: Lifetime, now: datetime) -> str | None:
    """Return why a sign-in is over: `"expired"` or `"idle"`; None while it is not."""
    if now >= record.expires_at:
        return "expired"
    used = record.last_used_at or record.created_at
    if lifetime.idle is not None and now >= used + lifetime.idle:
        return "idle"
    return None


def is_recent(session: Session | None, max_age: timedelta | None, now: datetime) -> bool:
    """Return whether the password was proven so lately: every proof begins a new session."""
    if max_age is None:
        return True
    return session is not None and now <= session.created_at + max_age
