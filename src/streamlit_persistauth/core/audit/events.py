"""Record security events in the log, in the event table and with the app's listeners."""

import json
import logging
from collections.abc import Callable
from datetime import timedelta
from enum import Enum
from typing import Any

from blinker import Signal

from streamlit_persistauth.core.audit.event_limit import MOST, WINDOW, EventLimit
from streamlit_persistauth.core.clock import Clock, run_later
from streamlit_persistauth.core.storage.protocols import EventStore
from streamlit_persistauth.core.storage.records import EventRecord
from streamlit_persistauth.core.text.measure import MAX_ADDRESS, MAX_AGENT, MAX_DETAIL, shorten
from streamlit_persistauth.errors import InvalidArgument, StoreError
from streamlit_persistauth.models import NOBODY, Client

logger = logging.getLogger("streamlit_persistauth")

Listener = Callable[[EventRecord], object]


class EventType(str, Enum):
    """The types of events (ASVS 16.3.1 to 16.3.3)."""

    LOGIN = "login"
    LOGIN_FAILED = "login_failed"
    THROTTLED = "throttled"
    LOGOUT = "logout"
    SESSION_RENEWED = "session_renewed"
    REUSE_DETECTED = "reuse_detected"
    SESSIONS_REVOKED = "sessions_revoked"
    TOKEN_REFUSED = "token_refused"  # noqa: S105 - a name, not a secret
    LINK_REFUSED = "link_refused"
    ACCESS_DENIED = "access_denied"
    REGISTERED = "registered"
    REGISTRATION_REFUSED = "registration_refused"
    SETUP_CODE_REFUSED = "setup_code_refused"
    INVITED = "invited"
    EMAIL_CONFIRMED = "email_confirmed"
    EMAIL_CHANGE_REQUESTED = "email_change_requested"
    EMAIL_CHANGED = "email_changed"
    EMAIL_CHANGE_REFUSED = "email_change_refused"
    PROFILE_CHANGED = "profile_changed"
    USERNAME_CHANGED = "username_changed"
    USERNAME_REQUESTED = "username_requested"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    PASSWORD_RESET_REQUESTED = "password_reset_requested"  # noqa: S105
    PASSWORD_RESET = "password_reset"  # noqa: S105
    DAMAGED_HASH = "damaged_hash"
    USER_DISABLED = "user_disabled"
    USER_ENABLED = "user_enabled"
    USER_DELETED = "user_deleted"
    ROLES_CHANGED = "roles_changed"
    EVENTS_EXPORTED = "events_exported"
    MAIL_FAILED = "mail_failed"


_WARNINGS = {
    EventType.LOGIN_FAILED,
    EventType.THROTTLED,
    EventType.REUSE_DETECTED,
    EventType.TOKEN_REFUSED,
    EventType.LINK_REFUSED,
    EventType.SETUP_CODE_REFUSED,
    EventType.ACCESS_DENIED,
    EventType.DAMAGED_HASH,
    EventType.MAIL_FAILED,
}

_BOUNDED = {
    EventType.LOGIN_FAILED,
    EventType.THROTTLED,
    EventType.TOKEN_REFUSED,
    EventType.LINK_REFUSED,
    EventType.ACCESS_DENIED,
    EventType.REGISTRATION_REFUSED,
    EventType.SETUP_CODE_REFUSED,
    EventType.EMAIL_CHANGE_REFUSED,
    EventType.DAMAGED_HASH,
}
"""Failures, which any visitor can cause. A success always gets its own row."""


class Events:
    """Records events. A failing table or listener does not interrupt the caller.

    The table gets at most 20 rows per minute for failures of one type from one network in each
    process, and then a summary row with the number of the others. The log and the listeners get
    every event.

    An app listens with `connect`::

        auth.events.connect(lambda event: print(event.event_type, event.user_id))
    """

    def __init__(
        self,
        store: EventStore,
        *,
        clock: Clock,
        later: Callable[[timedelta, Callable[[], None]], object] = run_later,
    ) -> None:
        self._store = store
        self._clock = clock
        self._later = later
        self._limit = EventLimit()
        self._signal = Signal()
        self._receivers: dict[str, Callable[..., object]] = {}

    def connect(self, listener: Listener) -> Listener:
        """Call a function for each future event. Also works as a decorator.

        A function replaces an earlier one with the same qualified name, because Streamlit reruns
        scripts. It runs in the thread that records the event, so it should return quickly.

        Args:
            listener: A function that takes an `EventRecord`.

        Returns:
            The function.

        Raises:
            InvalidArgument: The argument is not callable.
        """
        name = _name_of(listener)
        former = self._receivers.get(name)
        if former is not None:
            self._signal.disconnect(former)

        def receive(_sender: object, *, event: EventRecord) -> None:
            listener(event)

        self._receivers[name] = self._signal.connect(receive, weak=False)
        return listener

    def disconnect(self, listener: Listener) -> None:
        """Stop calling a function. Does nothing if it is not connected."""
        receiver = self._receivers.pop(_name_of(listener), None)
        if receiver is not None:
            self._signal.disconnect(receiver)

    def record(
        self,
        event_type: EventType,
        *,
        user_id: str | None = None,
        client: Client = NOBODY,
        by: str | None = None,
        **details: str,
    ) -> None:
        """Record one event.

        Args:
            event_type: The type of the event.
            user_id: The id of the user concerned, if known.
            client: The origin of the event.
            by: The id of the administrator who acted, if any. It is stored as a detail.
            **details: Further details as short texts, without secrets.
        """
        if by is not None:
            details["by"] = by
        event = EventRecord(
            event_type=event_type.value,
            user_id=user_id,
            created_at=self._clock(),
            details={name: shorten(text, MAX_DETAIL) for name, text in details.items()},
            ip_address=client.ip_address and shorten(client.ip_address, MAX_ADDRESS),
            user_agent=client.user_agent and shorten(client.user_agent, MAX_AGENT),
        )
        level = logging.WARNING if event_type in _WARNINGS else logging.INFO
        line = {"user_id": user_id, "ip_address": event.ip_address, **event.details}
        # JSON in ASCII keeps control characters and line breaks out of the log (ASVS 16.4.1).
        logger.log(level, "%s %s", event_type.value, json.dumps(line))
        self._store_summaries()
        if event_type not in _BOUNDED or client.ip_address is None or self._is_within_limit(event):
            self._add(event)
        self._notify(event)

    def _is_within_limit(self, event: EventRecord) -> bool:
        """Return whether an event gets its own row; otherwise a summary row follows later."""
        number = self._limit.count(event)
        if number == MOST + 1:
            self._later(WINDOW, self._store_summaries)
        return number <= MOST

    def _store_summaries(self) -> None:
        """Store the summary rows of closed windows."""
        for event in self._limit.take_closed(self._clock()):
            self._add(event)

    def _add(self, event: EventRecord) -> None:
        try:
            self._store.add(event)
        except StoreError as error:
            logger.error("event not stored: %s", error.message)  # noqa: TRY400 - no traceback in logs

    def _notify(self, event: EventRecord) -> None:
        """Call every listener, also after one has raised."""
        receivers: Any = self._signal.receivers_for(None)
        for receive in list(receivers):
            try:
                receive(None, event=event)
            except Exception as error:  # noqa: BLE001 - an app's function may raise anything
                # Without message and traceback, which may contain personal data.
                logger.error("a listener failed: %s", type(error).__name__)  # noqa: TRY400


def _name_of(listener: Listener) -> str:
    """Return the qualified name that identifies a listener across reruns.

    Raises:
        InvalidArgument: The argument is not callable.
    """
    if not callable(listener):
        raise InvalidArgument("listener", "a function is expected.")
    function = getattr(listener, "func", listener)  # of a `functools.partial`
    named = function if hasattr(function, "__qualname__") else type(function)
    return f"{named.__module__}.{named.__qualname__}"
