from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from tests.support.clock import START
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp

from streamlit_persistauth.core.sessions.lifetime import Lifetime
from streamlit_persistauth.core.sessions.rotation import GRACE
from streamlit_persistauth.core.sessions.sessions import SignedIn
from streamlit_persistauth.core.storage.records import SessionWithOwner
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.models import Credential, User
from streamlit_persistauth.testing.races import at_once
from streamlit_persistauth.testing.rows import session_record

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
RENEWED = Lifetime(access=HOUR, renewal=30 * DAY)


@pytest.fixture
def core() -> CoreApp:
    """An app with renewal."""
    return CoreApp(lifetime=RENEWED)


@pytest.fixture
def user(core: CoreApp) -> User:
    """A user with an account."""
    return core.add_user()


@pytest.fixture
def due(core: CoreApp, user: User) -> Credential:
    """A credential that is due for renewal."""
    credential = core.sessions.issue(core.sign_in(user))
    core.clock.move(hours=1)
    return credential


def renewed(core: CoreApp, credential: Credential) -> Credential:
    """The successor of a credential."""
    successor = core.sessions.renew(credential.text)
    assert successor is not None
    return successor


def refused(call: Callable[..., object], *args: Any) -> str:  # noqa: ANN401
    """Assert that a call raises InvalidToken, and return the reason."""
    with pytest.raises(InvalidToken) as caught:
        call(*args)
    return caught.value.reason


def event_types(core: CoreApp) -> list[str]:
    """Return the types of the recorded events."""
    return [event.event_type for event in core.events.records]


def assert_event(core: CoreApp, kind: str, user: User, **details: str) -> None:
    """Assert the type, user and details of the last event."""
    event = core.events.records[-1]
    assert (event.event_type, event.user_id, event.details) == (kind, user.id, details)


# Lifetime


@pytest.mark.parametrize(
    ("after", "used", "reason"),
    [
        (timedelta(hours=23, minutes=59), None, None),
        (24 * HOUR, None, "expired"),
        (24 * HOUR, timedelta(hours=23, minutes=59), "expired"),
        (timedelta(minutes=29, seconds=59), None, None),
        (timedelta(minutes=30), None, "idle"),
        (timedelta(minutes=59), timedelta(minutes=30), None),
        (timedelta(minutes=60), timedelta(minutes=30), "idle"),
    ],
)
def test_end_reason(after: timedelta, used: timedelta | None, reason: str | None) -> None:
    """A session expires at its end or by the idle timeout, and the reason says which."""
    record = session_record("ada")
    idle = timedelta(minutes=30) if reason == "idle" or after < HOUR else None
    record = replace(record, last_used_at=START + used if used is not None else None)
    assert Lifetime(24 * HOUR, idle=idle).expiry_reason(record, START + after) == reason


def test_ends() -> None:
    """Renewal extends the lifetime if a browser keeps the credential, and never shortens it."""
    assert RENEWED.expires_at(START, remember=True) == START + 30 * DAY
    assert RENEWED.expires_at(START, remember=False) == START + HOUR
    assert Lifetime(DAY).expires_at(START, remember=True) == START + DAY
    assert Lifetime(DAY, renewal=HOUR).expires_at(START, remember=True) == START + DAY


def test_idle() -> None:
    """A used session continues; an unused one expires and stays expired."""
    core = CoreApp(lifetime=Lifetime(DAY, idle=timedelta(minutes=30)))
    credential = core.sessions.issue(core.sign_in(core.add_user()))
    for _ in range(5):
        core.clock.move(minutes=29)
        core.sessions.resume(credential.text)
    core.clock.move(minutes=30)
    for _ in range(2):
        assert refused(core.sessions.resume, credential.text) == "idle"


def test_last_use_is_written_once_a_minute(core: CoreApp, user: User) -> None:
    """The time of the last use is written at most once a minute."""
    session_id = core.sign_in(user)
    core.tokens.reset()
    for _ in range(120):
        core.clock.move(seconds=1)
        core.sessions.resume_session(session_id)
    assert core.tokens.calls.count("swap") == 2
    (session,) = core.sessions.live(user.id)
    assert session.last_used_at == core.clock.now


def test_last_use_that_is_not_written(core: CoreApp, user: User) -> None:
    """A store that can read but not write does not sign users out."""
    session_id = core.sign_in(user)
    core.clock.move(minutes=5)
    core.tokens.reset(fail_at=1)
    assert core.sessions.resume_session(session_id).user == user


# Renewal


def test_not_due(core: CoreApp, user: User) -> None:
    """A credential is not renewed before it is due."""
    credential = core.sessions.issue(core.sign_in(user))
    core.clock.move(minutes=59, seconds=59)
    assert core.sessions.renew(credential.text) is None


def test_without_renewal() -> None:
    """Without renewal a credential is never renewed, and the session expires."""
    core = CoreApp(lifetime=Lifetime(HOUR))
    credential = core.sessions.issue(core.sign_in(core.add_user()))
    core.clock.move(minutes=59)
    assert core.sessions.renew(credential.text) is None
    core.clock.move(minutes=1)
    assert refused(core.sessions.resume, credential.text) == "expired"


def test_successor_takes_over(core: CoreApp, user: User, due: Credential) -> None:
    """A successor is valid once presented, for the same session and the same expiry."""
    successor = renewed(core, due)
    assert successor.text != due.text
    assert successor.expires_at == due.expires_at
    before = core.sessions.resume(due.text)
    after = core.sessions.resume(successor.text, client=CLIENT)
    assert after.session.id == before.session.id
    assert_event(core, "session_renewed", user)
    assert core.events.records[-1].ip_address == CLIENT.ip_address
    assert core.sessions.renew(successor.text) is None


def test_first_use_of_a_successor_is_noted(core: CoreApp, user: User, due: Credential) -> None:
    """The first presentation of a successor counts as a use of the session."""
    successor = renewed(core, due)
    core.clock.move(minutes=2)
    core.sessions.resume(successor.text)
    (session,) = core.sessions.live(user.id)
    assert session.last_used_at == core.clock()


def test_renewal_is_busy(core: CoreApp, due: Credential) -> None:
    """If concurrent changes do not stop, a successor fails with StoreError."""
    successor = renewed(core, due)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(core.tokens, "swap", lambda _old, _new: False, raising=False)
        with pytest.raises(StoreError) as caught:
            core.sessions.resume(successor.text)
    assert caught.value.message == "Sign-in is busy right now. Please try again."


def test_lost_answer(core: CoreApp, user: User, due: Credential) -> None:
    """A lost successor does no harm; another one is issued after the grace period."""
    renewed(core, due)
    for _ in range(3):
        core.clock.move(hours=5)
        assert core.sessions.resume(due.text).user == user
    assert core.sessions.resume(renewed(core, due).text).user == user


def test_one_successor_at_a_time(core: CoreApp, due: Credential) -> None:
    """No second successor is issued while the first one may still arrive."""
    renewed(core, due)
    core.clock.move(seconds=GRACE.total_seconds() - 1)
    assert core.sessions.renew(due.text) is None
    core.clock.move(seconds=1)
    renewed(core, due)


def test_parallel_tabs(core: CoreApp, user: User, due: Credential) -> None:
    """Tabs that were loading with the parent are served during the grace period."""
    core.sessions.resume(renewed(core, due).text)
    core.clock.move(seconds=GRACE.total_seconds() - 1)
    assert core.sessions.resume(due.text).user == user
    assert core.sessions.renew(due.text) is None


def test_late_replay(core: CoreApp, user: User, due: Credential) -> None:
    """A parent that is presented later revokes the session for every holder."""
    successor = renewed(core, due)
    core.sessions.resume(successor.text)
    core.clock.move(seconds=GRACE.total_seconds())
    with pytest.raises(InvalidToken) as caught:
        core.sessions.resume(due.text, client=CLIENT)
    assert caught.value.reason == "reused"
    assert_event(core, "reuse_detected", user)
    assert core.events.records[-1].ip_address == CLIENT.ip_address
    assert refused(core.sessions.resume, successor.text) == "ended"


def test_thief_who_renews_first(core: CoreApp, due: Credential) -> None:
    """A stolen and renewed credential is detected when the owner returns."""
    stolen = renewed(core, due)
    core.sessions.resume(stolen.text)
    core.clock.move(hours=8)
    assert refused(core.sessions.resume, due.text) == "reused"
    assert refused(core.sessions.resume, stolen.text) == "ended"


def test_grandparent(core: CoreApp, due: Credential) -> None:
    """A credential two generations old revokes the session, even within the grace period."""
    child = renewed(core, due)
    core.sessions.resume(child.text)
    core.clock.move(hours=1)
    grandchild = renewed(core, child)
    core.sessions.resume(grandchild.text)
    assert refused(core.sessions.resume, due.text) == "reused"
    assert refused(core.sessions.resume, grandchild.text) == "ended"


def test_other_sign_ins_stay(core: CoreApp, user: User, due: Credential) -> None:
    """A replay revokes its own session and no other."""
    other = core.sessions.issue(core.sign_in(user))
    core.sessions.resume(renewed(core, due).text)
    core.clock.move(hours=1)
    refused(core.sessions.resume, due.text)
    assert core.sessions.resume(other.text).user == user


def test_not_beyond_the_end(core: CoreApp, user: User, due: Credential) -> None:
    """Renewal extends a session up to its expiry and not further."""
    credential = due
    for _ in range(29):
        core.clock.move(days=1)
        credential = renewed(core, credential)
        assert core.sessions.resume(credential.text).user == user
    core.clock.move(days=1)
    assert refused(core.sessions.resume, credential.text) == "expired"
    assert refused(core.sessions.renew, credential.text) == "expired"


def test_open_tab(core: CoreApp, user: User, due: Credential) -> None:
    """A tab bound to its session continues over any number of renewals elsewhere."""
    session_id = core.sessions.resume(due.text).session.id
    credential = due
    for _ in range(3):
        core.clock.move(days=1)
        credential = renewed(core, credential)
        core.sessions.resume(credential.text)
    assert core.sessions.resume_session(session_id).user == user


@pytest.mark.parametrize("ending", ["end", "disable", "change", "delete"])
def test_nothing_ended_is_renewed(core: CoreApp, user: User, due: Credential, ending: str) -> None:
    """A revoked or expired session is not renewed."""
    successor = renewed(core, due)
    core.clock.move(hours=1)
    endings: dict[str, Callable[[], object]] = {
        "end": lambda: core.sessions.end(core.sessions.resume(due.text).session.id),
        "disable": lambda: core.user_admin.disable(user.id),
        "change": lambda: core.password_changes.change(user.id, PASSWORD, "other-Kettle-94"),
        "delete": lambda: core.user_admin.delete(user.id),
    }
    endings[ending]()
    assert core.sessions.renew(due.text) is None
    assert refused(core.sessions.resume, due.text) == "ended"
    assert refused(core.sessions.resume, successor.text) == "ended"


def test_renewals_at_once(core: CoreApp, due: Credential) -> None:
    """Of twenty threads that renew one credential, one gets a successor; all stay signed in."""
    successors = at_once(*[lambda: core.sessions.renew(due.text)] * 20)
    assert len([one for one in successors if one]) == 1
    at_once(*[lambda: core.sessions.resume(due.text)] * 20)


def test_renewals_that_all_saw_the_same(
    core: CoreApp, due: Credential, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten threads that read the session before any renewal get one successor."""
    real, barrier = core.sessions._admit, Barrier(10)

    def admit_together(stored: SessionWithOwner) -> SignedIn:
        barrier.wait(20)
        return real(stored)

    monkeypatch.setitem(vars(core.sessions), "_admit", admit_together)
    successors = at_once(*[lambda: core.sessions.renew(due.text)] * 10)
    assert len([one for one in successors if one]) == 1


def test_come_back_at_once(core: CoreApp, user: User, due: Credential) -> None:
    """Twenty tabs that present the successor concurrently are served; it is promoted once."""
    successor = renewed(core, due)
    stored = at_once(*[lambda: core.sessions.resume(successor.text)] * 20)
    assert {one.user for one in stored} == {user}
    assert event_types(core).count("session_renewed") == 1


def test_end_during_renewals(core: CoreApp, user: User, due: Credential) -> None:
    """A session that is revoked during renewals stays revoked."""
    successor = renewed(core, due)
    session_id = core.sessions.resume(due.text).session.id
    core.clock.move(hours=1)

    def attempt(call: Callable[[str], object], text: str) -> object:
        try:
            return call(text)
        except InvalidToken:
            return None

    at_once(
        *[lambda: attempt(core.sessions.renew, due.text)] * 6,
        *[lambda: attempt(core.sessions.resume, successor.text)] * 6,
        lambda: core.sessions.end(session_id),
        *[lambda: attempt(core.sessions.resume, due.text)] * 6,
    )
    for text in (due.text, successor.text):
        refused(core.sessions.resume, text)
    assert core.sessions.live(user.id) == []


# Number of sessions


def test_oldest_goes_first() -> None:
    """Beyond the limit the oldest session is revoked; expired ones do not count."""
    core = CoreApp(max_sessions=2, lifetime=Lifetime(DAY))
    user = core.add_user()
    first, second = core.sign_in(user), None
    core.clock.move(minutes=1)
    second = core.sign_in(user)
    core.clock.move(minutes=1)
    third = core.sign_in(user)
    assert [session.id for session in core.sessions.live(user.id)] == [third, second]
    assert refused(core.sessions.resume_session, first) == "ended"
    assert_event(core, "sessions_revoked", user, reason="too many sessions")


def test_limit_at_once() -> None:
    """Twenty concurrent sign-ins leave the maximum number of sessions."""
    core = CoreApp(max_sessions=3)
    user = core.add_user()
    at_once(*[lambda: core.sign_in(user)] * 20)
    assert len(core.sessions.live(user.id)) == 3


def test_no_limit(core: CoreApp, user: User) -> None:
    """Without a limit no session is revoked."""
    for _ in range(30):
        core.sign_in(user)
    assert len(core.sessions.live(user.id)) == 30


# Security stamp


def test_sign_in_during_a_password_change(core: CoreApp, user: User) -> None:
    """A sign-in with a password that was changed at that moment is not valid."""
    owner = core.accounts.authenticate(EMAIL, PASSWORD)
    core.password_changes.change(user.id, PASSWORD, "other-Kettle-94")
    session = core.sessions.start(owner, remember=True, client=CLIENT)
    assert refused(core.sessions.resume_session, session.id) == "password or address changed"


def test_store_errors_of_tokens_are_no_sign_in(core: CoreApp, due: Credential) -> None:
    """Whichever call of the store fails, no user is signed in and no session is lost."""
    successor = renewed(core, due)
    for call in range(3):
        core.tokens.reset(fail_at=call)
        with pytest.raises(Exception, match="canary"):
            core.sessions.resume(successor.text)
    core.tokens.reset()
    core.sessions.resume(successor.text)
