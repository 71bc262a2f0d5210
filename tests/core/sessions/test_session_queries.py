"""Listing and counting the sessions of all users."""

from datetime import timedelta

import pytest
from tests.support.core_app import CLIENT, EMAIL, CoreApp

from streamlit_persistauth.core.sessions import session_queries
from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.models import Client

DAY = timedelta(days=1)
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def core() -> CoreApp:
    """An app with an idle timeout of one hour."""
    return CoreApp(lifetime=Lifetime(DAY, idle=timedelta(hours=1)))


def started(core: CoreApp, number: int) -> list[str]:
    """Start sessions of two users, one second apart; return their ids, newest first."""
    users = [core.add_user(), core.add_user(f"other.{EMAIL}")]
    ids = []
    for index in range(number):
        ids.append(core.sign_in(users[index % 2]))
        core.clock.move(seconds=1)
    return ids[::-1]


def test_page(core: CoreApp) -> None:
    """A page contains the sessions of all users, newest first."""
    ids = started(core, 5)
    page = core.session_queries.page(offset=1, limit=3)
    assert [session.id for session in page] == ids[1:4]


def test_every(core: CoreApp, monkeypatch: pytest.MonkeyPatch) -> None:
    """All sessions are read in batches, none twice and none left out."""
    monkeypatch.setattr(session_queries, "BATCH", 2)
    ids = started(core, 5)
    assert [session.id for session in core.session_queries.every()] == ids


def test_idle(core: CoreApp) -> None:
    """Sessions that exceeded the idle timeout are left out."""
    _, used, _ = started(core, 3)
    core.clock.move(minutes=30)
    core.sessions.resume_session(used)
    core.clock.move(minutes=45)
    assert [session.id for session in core.session_queries.page(offset=0, limit=9)] == [used]
    assert [session.id for session in core.session_queries.every()] == [used]


def test_expired(core: CoreApp) -> None:
    """Expired sessions are neither listed nor counted."""
    started(core, 2)
    core.clock.move(days=1)
    assert list(core.session_queries.every()) == []
    assert core.session_queries.live_per_device() == {}


def test_live_per_device(core: CoreApp) -> None:
    """Sessions are counted by device."""
    user = core.add_user()
    owner = core.users.get(user.id)
    core.sign_in(user)
    for _ in range(2):
        client = Client(CLIENT.ip_address, FIREFOX)
        core.sessions.start(owner, remember=True, client=client)
    counts = core.session_queries.live_per_device()
    named = {device.browser: number for device, number in counts.items() if device.browser}
    assert named == {"Firefox": 2}
    assert sum(counts.values()) == 3
