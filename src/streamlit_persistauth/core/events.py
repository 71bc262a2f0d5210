"""What happened: to the log and to the event table."""

import json
import logging
from enum import Enum

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.records import EventRecord
from streamlit_persistauth.core.storage import EventStore
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.models import Client

logger = logging.getLogger("streamlit_persistauth")


class EventType(str, Enum):
    """The kinds of events (ASVS 16.3.1)."""

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    LOGOUT = "logout"
    REGISTERED = "registered"
    SESSIONS_REVOKED = "sessions_revoked"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a name, not a secret
    ACCESS_DENIED = "access_denied"


_WARNINGS = {EventType.LOGIN_FAILED, EventType.TOKEN_REFUSED, EventType.ACCESS_DENIED}
_NOBODY = Client()


class Events:
    """Records events. A table that fails never breaks what was going on; the log tells."""

    def __init__(self, store: EventStore, *, clock: Clock) -> None:
        """Record to this store and to the logger `streamlit_persistauth`."""
        self._store = store
        self._clock = clock

    def record(
        self,
        event_type: EventType,
        *,
        user_id: str | None = None,
        client: Client = _NOBODY,
        **details: str,
    ) -> None:
        """Record one event.

        Args:
            event_type: What happened.
            user_id: To whom, where known.
            client: From where.
            **details: More, as short texts; never a secret.
        """
        level = logging.WARNING if event_type in _WARNINGS else logging.INFO
        line = {"user_id": user_id, "ip_address": client.ip_address, **details}
        # JSON in ASCII keeps control characters and line breaks out of the log (ASVS 16.4.1).
        logger.log(level, "%s %s", event_type.value, json.dumps(line))
        try:
            self._store.add(
                EventRecord(
                    event_type=event_type.value,
                    user_id=user_id,
                    created_at=self._clock(),
                    details=details,
                    ip_address=client.ip_address,
                    user_agent=client.user_agent,
                )
            )
        except StoreError as error:
            logger.error("event not stored: %s", error.message)  # noqa: TRY400 - no stack in logs
