"""Limit the rows per minute that one network can add to the event log."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from streamlit_persistauth.core.storage.records import EventRecord
from streamlit_persistauth.core.throttle.client_ip import network_of

MOST: Final = 20
"""Events of one type and network in a window that each get their own row."""
WINDOW: Final = timedelta(minutes=1)
"""The length of a window, which starts with its first event."""
MAX_WINDOWS: Final = 10_000
"""Open windows. Beyond that, events of one type share a window for all networks."""
MORE: Final = "more"
"""The detail of a summary row that holds the number of its events."""

_Key = tuple[str, str]


@dataclass(slots=True)
class _Window:
    """The number of events of one type and network.

    Attributes:
        ends_at: The time at which the window closes.
        last: The latest event.
        count: The number of events.
    """

    ends_at: datetime
    last: EventRecord
    count: int = 0


class EventLimit:
    """Counts the events of this process by type and network."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._windows: OrderedDict[_Key, _Window] = OrderedDict()

    def count(self, event: EventRecord) -> int:
        """Count an event; return its number in the window, starting at 1."""
        with self._lock:
            key = self._key(event)
            window = self._windows.get(key)
            if window is None:
                window = self._windows[key] = _Window(event.created_at + WINDOW, event)
            window.last = event
            window.count += 1
            return window.count

    def take_closed(self, now: datetime) -> list[EventRecord]:
        """Remove the closed windows; return their summary rows."""
        closed: list[tuple[_Key, _Window]] = []
        with self._lock:
            while self._windows and next(iter(self._windows.values())).ends_at <= now:
                closed.append(self._windows.popitem(last=False))
        return [_summary(key, window) for key, window in closed if window.count > MOST]

    def _key(self, event: EventRecord) -> _Key:
        key = (event.event_type, network_of(event.ip_address or ""))
        full = len(self._windows) >= MAX_WINDOWS and key not in self._windows
        return (event.event_type, "") if full else key


def _summary(key: _Key, window: _Window) -> EventRecord:
    event_type, network = key
    return EventRecord(
        event_type=event_type,
        user_id=None,
        created_at=window.last.created_at,
        details={MORE: str(window.count - MOST)},
        ip_address=network or None,
    )
