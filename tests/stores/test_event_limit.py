"""Visitors cause a bounded number of event rows, on every store."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.stores.conftest import Stores
from tests.support.clock import MovableClock
from tests.support.core_app import CLIENT, EMAIL, CoreApp

from streamlit_persistauth.core.audit import event_limit
from streamlit_persistauth.core.audit.event_limit import MOST
from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.storage.queries import EventQuery
from streamlit_persistauth.errors import AuthError
from streamlit_persistauth.models import NOBODY, Client
from streamlit_persistauth.stores.memory import MemoryEventStore

Later = list[tuple[timedelta, Callable[[], None]]]
SITE = "2001:db8::/64"


class Recorder:
    """Records events with a movable clock, and collects delayed calls."""

    def __init__(self) -> None:
        self.clock = MovableClock()
        self.store = MemoryEventStore()
        self.later: Later = []
        self.events = Events(
            self.store, clock=self.clock, later=lambda *call: self.later.append(call)
        )

    def refuse(self, count: int = 1, client: Client = CLIENT) -> None:
        """Record this number of refused cookies."""
        for _ in range(count):
            self.events.record(EventType.TOKEN_REFUSED, client=client, reason="junk")

    @property
    def counted(self) -> list[tuple[str | None, str]]:
        """Return the summary rows: address and number of events."""
        rows = self.store.records
        return [(row.ip_address, row.details["more"]) for row in rows if "more" in row.details]


@pytest.fixture
def recorder() -> Recorder:
    """A recorder of events."""
    return Recorder()


def test_bounded(recorder: Recorder) -> None:
    """Of 57 invalid cookies in a minute, 20 are stored as rows and one row counts the other 37."""
    recorder.refuse(57)
    assert len(recorder.store.records) == MOST == 20
    recorder.clock.move(seconds=60)
    recorder.refuse()
    assert recorder.counted == [(CLIENT.ip_address, "37")]
    assert len(recorder.store.records) == MOST + 2


def test_without_another_event(recorder: Recorder) -> None:
    """The summary row is written a minute later, without another event."""
    recorder.refuse(57)
    ((delay, call),) = recorder.later
    call()
    assert recorder.counted == []
    recorder.clock.now += delay
    call()
    call()
    assert recorder.counted == [(CLIENT.ip_address, "37")]
    summary = recorder.store.records[-1]
    assert (summary.event_type, summary.user_id) == ("token_refused", None)


def test_no_summary_row(recorder: Recorder) -> None:
    """Without dropped events there is no summary row."""
    recorder.refuse(MOST)
    recorder.clock.move(minutes=2)
    recorder.events.record(EventType.LOGIN, client=CLIENT)
    assert len(recorder.store.records) == MOST + 1
    assert recorder.later == []


def test_limit_per_network_and_type(recorder: Recorder) -> None:
    """Each network has a limit for each type of event; an IPv6 site is one network."""
    recorder.refuse(MOST + 1)
    recorder.refuse(1, Client("198.51.100.1"))
    recorder.events.record(EventType.LOGIN_FAILED, client=CLIENT)
    assert len(recorder.store.records) == MOST + 2
    for number in range(MOST + 5):
        recorder.refuse(1, Client(f"2001:db8::{number:x}"))
    recorder.clock.move(minutes=1)
    recorder.refuse()
    assert recorder.counted == [(CLIENT.ip_address, "1"), (SITE, "5")]


@pytest.mark.parametrize(
    ("kind", "client"),
    [
        (EventType.LOGIN, CLIENT),
        (EventType.PASSWORD_CHANGED, CLIENT),
        (EventType.THROTTLED, NOBODY),
    ],
)
def test_success_is_always_stored(recorder: Recorder, kind: EventType, client: Client) -> None:
    """Events of success and events of a program are always stored."""
    for _ in range(MOST + 10):
        recorder.events.record(kind, client=client)
    assert len(recorder.store.records) == MOST + 10


def test_many_networks(recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousand networks fill neither the memory nor the table."""
    monkeypatch.setattr(event_limit, "MAX_WINDOWS", 10)
    for number in range(1000):
        recorder.refuse(1, Client(f"10.0.{number // 250}.{number % 250}"))
    assert len(recorder.events._limit._windows) == 11
    assert len(recorder.store.records) == 10 + MOST
    recorder.clock.move(minutes=1)
    recorder.refuse()
    assert recorder.counted == [(None, str(1000 - 10 - MOST))]
    assert len(recorder.events._limit._windows) == 1


def test_log_and_listeners_get_all(recorder: Recorder, caplog: pytest.LogCaptureFixture) -> None:
    """The log and the listeners of the app get every event."""
    heard: list[str] = []
    recorder.events.connect(lambda event: heard.append(event.event_type))
    recorder.refuse(57)
    assert len(heard) == 57
    assert len(caplog.messages) == 57


def test_tries(core: CoreApp) -> None:
    """Events of overlong passwords, and of tries during a wait, are limited too."""
    core.add_user()
    for password in ["x" * 5000] * 100 + ["wrong-Kettle-93"] * 100:
        with pytest.raises(AuthError):
            core.accounts.authenticate(EMAIL, password, client=CLIENT)
    kinds = [row.event_type for row in core.events.records]
    assert kinds.count("login_failed") == MOST
    assert kinds.count("throttled") == MOST


def test_on_each_store(stores: Stores, clock: MovableClock) -> None:
    """Each store holds the limited number of rows and the summary row."""
    events = Events(stores.events, clock=clock, later=lambda *_: None)
    for _ in range(50):
        events.record(EventType.LINK_REFUSED, client=CLIENT)
    clock.move(minutes=1)
    events.record(EventType.LOGIN, client=CLIENT)
    found = stores.events.find(EventQuery())
    assert [row.event_type for row in found] == ["login", *["link_refused"] * (MOST + 1)]
    assert [row.details for row in found if row.details] == [{"more": "30"}]
