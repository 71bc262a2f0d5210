"""What has happened, read again."""

import csv
import io
from datetime import timedelta

import pytest
from tests.support.clock import START
from tests.support.house import CLIENT, House

from streamlit_persistauth.core import journal
from streamlit_persistauth.core.events import EventType
from streamlit_persistauth.core.queries import DayCount, EventQuery


@pytest.fixture
def house() -> House:
    """An app in which seven people have come, a minute after each other, and one was refused."""
    house = House()
    for number in range(7):
        house.recorder.record(EventType.LOGIN, user_id=str(number), client=CLIENT, note="=1")
        house.clock.move(minutes=1)
    house.recorder.record(EventType.LOGIN_FAILED, client=CLIENT, reason="wrong password")
    return house


def test_find(house: House) -> None:
    """Events are read newest first, page after page."""
    first = house.journal.find(EventQuery(types=("login",), limit=5))
    assert [event.user_id for event in first] == list("65432")
    rest = house.journal.find(EventQuery(types=("login",), limit=5, before=first[-1]))
    assert [event.user_id for event in rest] == list("10")


def test_counts(house: House) -> None:
    """Days and addresses are counted."""
    assert house.journal.per_day(["login"], START) == [DayCount(START.date(), "login", 7)]
    (most,) = house.journal.per_address(["login_failed"], START)
    assert (most.ip_address, most.count) == (CLIENT.ip_address, 1)
    assert house.journal.per_address(["login_failed"], START + timedelta(days=1)) == []


@pytest.mark.parametrize(("limit", "expected"), [(100, 8), (7, 7), (5, 5), (1, 1), (0, 0)])
def test_export(house: House, monkeypatch: pytest.MonkeyPatch, limit: int, expected: int) -> None:
    """Events come as CSV in pieces, none twice and none left out, as many as asked for."""
    monkeypatch.setattr(journal, "BATCH", 3)
    pieces = list(house.journal.export(EventQuery(limit=limit)))
    assert max(piece.count("\n") for piece in pieces) <= 3
    header, *rows = csv.reader(io.StringIO("".join(pieces), newline=""))
    assert header[:2] == ["created_at", "event_type"]
    assert [row[2] for row in rows] == ["", *"6543210"][:expected]


def test_export_of_some(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is exported is what was asked for."""
    monkeypatch.setattr(journal, "BATCH", 3)
    query = EventQuery(types=("login",), until=START + timedelta(minutes=4), limit=100)
    _, *rows = csv.reader(io.StringIO("".join(house.journal.export(query)), newline=""))
    assert [row[2] for row in rows] == list("3210")
