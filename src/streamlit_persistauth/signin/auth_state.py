"""What one script run knows about its visitor."""

from dataclasses import dataclass, field
from datetime import timedelta

from streamlit_persistauth.models import Session, User
from streamlit_persistauth.request.visitor_state import LinkArrival


@dataclass(slots=True)
class AuthState:
    """Whether the visitor of a run is signed in, as decided once for the run.

    Attributes:
        session: The valid session, or None.
        user: Its user, or None.
        unavailable: The store did not answer, so this run treats the visitor as signed out.
        waiting: The browser was asked for its credential, and may still answer.
        arrival: The link from a mail that opened this page, if one did.
        is_drawn: Whether this run has drawn its hidden elements.
        max_age: The shortest `max_age` of the guards of this run, if one has it.
        remembered: The `max_age` that the visitor state holds, by the hash of the script.
    """

    session: Session | None = None
    user: User | None = None
    unavailable: bool = False
    waiting: bool = False
    arrival: LinkArrival | None = None
    is_drawn: bool = False
    max_age: timedelta | None = None
    remembered: dict[str, timedelta | None] = field(default_factory=dict)

    def require_max_age(self, max_age: timedelta) -> None:
        """Apply the `max_age` of a guard to the rest of this run; the shortest one applies."""
        self.max_age = max_age if self.max_age is None else min(self.max_age, max_age)
