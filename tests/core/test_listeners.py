import pytest
from tests.support.house import EMAIL, PASSWORD, House

from streamlit_persistauth.core.records import EventRecord


def test_listener(house: House) -> None:
    """A listener gets each event, with who, when and what."""
    seen: list[EventRecord] = []
    house.recorder.connect(seen.append)
    user = house.add_user()
    (event,) = seen
    assert (event.event_type, event.user_id, event.created_at) == (
        "registered",
        user.id,
        house.clock.now,
    )


def connect_again(house: House, seen: list[str], word: str) -> None:
    """Connect a function as a script does at every run."""

    @house.recorder.connect
    def listener(event: EventRecord) -> None:
        seen.append(f"{word} {event.event_type}")


def test_connected_at_every_run(house: House) -> None:
    """A function that is connected again takes its former self's place."""
    seen: list[str] = []
    for word in ("first", "second", "third"):
        connect_again(house, seen, word)
    house.add_user()
    assert seen == ["third registered"]


def test_disconnect(house: House) -> None:
    """A listener that is disconnected hears nothing more; disconnecting twice is no error."""
    seen: list[EventRecord] = []

    def listener(event: EventRecord) -> None:
        seen.append(event)

    house.recorder.connect(listener)
    house.recorder.disconnect(listener)
    house.recorder.disconnect(listener)
    house.add_user()
    assert seen == []


def test_listener_that_fails(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A listener that fails breaks neither the sign-in nor the others; the log tells no more."""
    seen: list[str] = []

    def fail(_event: EventRecord) -> None:
        raise ValueError("canary")

    def listen(event: EventRecord) -> None:
        seen.append(event.event_type)

    house.recorder.connect(fail)
    house.recorder.connect(listen)
    house.add_user()
    house.accounts.authenticate(EMAIL, PASSWORD)
    assert seen == ["registered"]
    assert "a listener failed: ValueError" in caplog.text
    assert "canary" not in caplog.text
