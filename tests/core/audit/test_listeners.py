import pytest
from tests.support.core_app import EMAIL, PASSWORD, CoreApp

from streamlit_persistauth.core.storage.records import EventRecord


def test_listener(core: CoreApp) -> None:
    """A listener gets each event with user, time and type."""
    seen: list[EventRecord] = []
    core.recorder.connect(seen.append)
    user = core.add_user()
    (event,) = seen
    assert (event.event_type, event.user_id, event.created_at) == (
        "registered",
        user.id,
        core.clock.now,
    )


def connect_again(core: CoreApp, seen: list[str], word: str) -> None:
    """Connect a function as a script does at every run."""

    @core.recorder.connect
    def listener(event: EventRecord) -> None:
        seen.append(f"{word} {event.event_type}")


def test_connected_at_every_run(core: CoreApp) -> None:
    """A function that is connected again replaces its former version."""
    seen: list[str] = []
    for word in ("first", "second", "third"):
        connect_again(core, seen, word)
    core.add_user()
    assert seen == ["third registered"]


def test_disconnect(core: CoreApp) -> None:
    """A disconnected listener gets no events; disconnecting twice is no error."""
    seen: list[EventRecord] = []

    def listener(event: EventRecord) -> None:
        seen.append(event)

    core.recorder.connect(listener)
    core.recorder.disconnect(listener)
    core.recorder.disconnect(listener)
    core.add_user()
    assert seen == []


def test_listener_that_fails(core: CoreApp, caplog: pytest.LogCaptureFixture) -> None:
    """A failing listener interrupts nothing; the log has only the type of its error."""
    seen: list[str] = []

    def fail(_event: EventRecord) -> None:
        raise ValueError("canary")

    def listen(event: EventRecord) -> None:
        seen.append(event.event_type)

    core.recorder.connect(fail)
    core.recorder.connect(listen)
    core.add_user()
    core.accounts.authenticate(EMAIL, PASSWORD)
    assert seen == ["registered"]
    assert "a listener failed: ValueError" in caplog.text
    assert "canary" not in caplog.text
