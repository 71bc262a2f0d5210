"""How many events of one kind a network can have recorded in a minute."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Final

from streamlit_persistauth.core.storage.records import EventRecord
from streamlit_persistauth.core.throttle.client_ip import network_of

MOST: Final = 20
"""Events of a kind that a network has in a window, each in a row of its own."""
WINDOW: Final = timedelta(minutes=1)
"""How long events are counted together, from the first of them on."""
MAX_WINDOWS: Final = 10_000
"""Kinds and networks that are told apart at a time; further networks are counted as one."""
MORE: Final = "more"
"""The detail of a summary row: how many events it stands for."""

_Key = tuple[str, str]


@dataclass(slots=True)
class _Window:
    """The events of one kind and network, counted from the first on.

    Attributes:
        ends_at: When the next event begins another window.
        last: The latest of the events.
        count: How many there were.
    """

    ends_at: datetime
    last: EventRecord
    count: int = 0


class EventLimit:
    """Counts events by kind and network, in this process."""

    def __init__(self) -> None:
        """Begin with no window."""
        self._lock = Lock()
        self._windows: OrderedDict[_Key, _Window] = OrderedDict()

    def count(self, event: EventRecord) -> int:
        """Count an event; return the number that it has in its window, from 1 on."""
        with self._lock:
            key = self._key(event)
            window = self._windows.get(key)
            if window is None:
                window = self._windows[key] = _Window(event.created_at + WINDOW, event)
            window.last = event
            window.count += 1
            return window.count

    def take_closed(self, now: datetime) -> list[EventRecord]:
        """Forget the windows that have ended; return the summary rows that are due."""
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
