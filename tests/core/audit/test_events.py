import json
import logging

import pytest
from tests.support.clock import START
from tests.support.core_app import CLIENT
from tests.support.failing import CANARY

from streamlit_persistauth.core.audit.events import Events, EventType
from streamlit_persistauth.core.storage.records import EventRecord
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.models import Client
from streamlit_persistauth.stores.memory import MemoryEventStore


class BrokenEventStore(MemoryEventStore):
    """A table that never answers."""

    def add(self, record: EventRecord) -> None:
        """Raise an error."""
        raise StoreError(CANARY)


def test_to_the_store() -> None:
    """An event is stored with its time, user and origin."""
    store = MemoryEventStore()
    Events(store, clock=lambda: START).record(
        EventType.LOGIN_FAILED, user_id="u", client=CLIENT, reason="disabled"
    )
    assert list(store.records) == [
        EventRecord(
            "login_failed",
            "u",
            START,
            {"reason": "disabled"},
            CLIENT.ip_address,
            CLIENT.user_agent,
        )
    ]


def test_to_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """An event is one line of the log: its type, and JSON."""
    caplog.set_level(logging.INFO, "streamlit_persistauth")
    Events(MemoryEventStore(), clock=lambda: START).record(EventType.LOGIN, user_id="u")
    kind, _, rest = caplog.messages[0].partition(" ")
    assert kind == "login"
    assert json.loads(rest)["user_id"] == "u"


@pytest.mark.parametrize(
    ("event_type", "level"),
    [(EventType.LOGIN, "INFO"), (EventType.LOGIN_FAILED, "WARNING")],
)
def test_levels(event_type: EventType, level: str, caplog: pytest.LogCaptureFixture) -> None:
    """Events that need attention are logged as warnings, the others as information."""
    caplog.set_level(logging.DEBUG, "streamlit_persistauth")
    Events(MemoryEventStore(), clock=lambda: START).record(event_type)
    assert [record.levelname for record in caplog.records] == [level]


def test_one_line(caplog: pytest.LogCaptureFixture) -> None:
    """Line breaks and control characters of a client create no second line (ASVS 16.4.1)."""
    caplog.set_level(logging.INFO, "streamlit_persistauth")
    client = Client("1.2.3.4\r\nlogin forged", "x\u2028y")
    Events(MemoryEventStore(), clock=lambda: START).record(
        EventType.ACCESS_DENIED, client=client, needed="a\nb\u2029c\x1b[2J"
    )
    (message,) = caplog.messages
    assert message.isprintable()
    assert message.isascii()
    assert len(message.splitlines()) == 1


def test_store_that_fails(caplog: pytest.LogCaptureFixture) -> None:
    """A failing table interrupts nothing; the log has the event and the failure."""
    Events(BrokenEventStore(), clock=lambda: START).record(EventType.LOGIN_FAILED)
    assert caplog.messages[0].startswith("login_failed ")
    assert caplog.messages[1].startswith("event not stored")
