"""Reading and exporting events."""

import csv
import io
from datetime import timedelta

import pytest
from tests.support.clock import START
from tests.support.core_app import CLIENT, CoreApp

from streamlit_persistauth.core.audit import event_log
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.storage.queries import DayCount, EventQuery


@pytest.fixture
def core() -> CoreApp:
    """An app with seven sign-ins, one minute apart, and one rejection."""
    core = CoreApp()
    for number in range(7):
        core.recorder.record(EventType.LOGIN, user_id=str(number), client=CLIENT, note="=1")
        core.clock.move(minutes=1)
    core.recorder.record(EventType.LOGIN_FAILED, client=CLIENT, reason="wrong password")
    return core


def test_find(core: CoreApp) -> None:
    """Events are read newest first, page after page."""
    first = core.event_log.find(EventQuery(types=("login",), limit=5))
    assert [event.user_id for event in first] == list("65432")
    rest = core.event_log.find(EventQuery(types=("login",), limit=5, before=first[-1]))
    assert [event.user_id for event in rest] == list("10")


def test_counts(core: CoreApp) -> None:
    """Events are counted by day and by address."""
    assert core.event_log.per_day(["login"], START) == [DayCount(START.date(), "login", 7)]
    (most,) = core.event_log.per_address(["login_failed"], START)
    assert (most.ip_address, most.count) == (CLIENT.ip_address, 1)
    assert core.event_log.per_address(["login_failed"], START + timedelta(days=1)) == []


@pytest.mark.parametrize(("limit", "expected"), [(100, 8), (7, 7), (5, 5), (1, 1), (0, 0)])
def test_export(core: CoreApp, monkeypatch: pytest.MonkeyPatch, limit: int, expected: int) -> None:
    """Events are exported in chunks, each event once, up to the limit."""
    monkeypatch.setattr(event_log, "BATCH", 3)
    pieces = list(core.event_log.export(EventQuery(limit=limit)))
    assert max(piece.count("\n") for piece in pieces) <= 3
    header, *rows = csv.reader(io.StringIO("".join(pieces), newline=""))
    assert header[:2] == ["created_at", "event_type"]
    assert [row[2] for row in rows] == ["", *"6543210"][:expected]


def test_export_of_some(core: CoreApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The export contains the events that the query selects."""
    monkeypatch.setattr(event_log, "BATCH", 3)
    query = EventQuery(types=("login",), until=START + timedelta(minutes=4), limit=100)
    _, *rows = csv.reader(io.StringIO("".join(core.event_log.export(query)), newline=""))
    assert [row[2] for row in rows] == list("3210")
