from datetime import timedelta

import pytest
from tests.support.house import CLIENT, House

from streamlit_persistauth.core.handles import GRACE, LIFETIME
from streamlit_persistauth.core.records import TokenType
from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.sessions import SignedIn
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.models import Client, Session
from streamlit_persistauth.testing.races import at_once

OTHER_BROWSER = Client(CLIENT.ip_address, "Another/1.0")
OTHER_PLACE = Client("198.51.100.9", CLIENT.user_agent)


@pytest.fixture
def session(house: House) -> Session:
    """A sign-in."""
    return house.start(house.add_user())


@pytest.fixture
def handle(house: House, session: Session) -> str:
    """A handle of it."""
    return house.handles.create(session, client=CLIENT)


def redeem(house: House, handle: str, client: Client = CLIENT) -> SignedIn:
    """Redeem a handle."""
    return house.handles.redeem(handle, client=client)


def refusal(house: House, handle: str, client: Client = CLIENT) -> str:
    """Hold that a handle is refused, and return why."""
    with pytest.raises(InvalidToken) as caught:
        redeem(house, handle, client)
    return caught.value.reason


def reuses(house: House) -> int:
    """How many reuses were recorded."""
    return [event.event_type for event in house.events.records].count("reuse_detected")


def test_signs_in(house: House, session: Session, handle: str) -> None:
    """A handle stands for its sign-in, also from another network."""
    assert redeem(house, handle, OTHER_PLACE).session.id == session.id


def test_is_no_credential(house: House, handle: str) -> None:
    """A handle is short, says nothing, and is stored as a hash only."""
    assert len(handle) == 43
    with pytest.raises(InvalidToken):
        house.sessions.resume(handle)
    stored = house.tokens.find(TokenType.HANDLE, fingerprint(handle))
    assert stored is not None
    assert handle not in repr(stored)


def test_a_credential_is_no_handle(house: House, session: Session) -> None:
    """A credential can't stand where a handle does."""
    credential = house.sessions.issue(session.id)
    assert refusal(house, credential.text) == "unknown handle"


@pytest.mark.parametrize("handle", ["", "x", "x" * 43, "\0", "💥", "x" * 100_000])
def test_unknown(house: House, handle: str) -> None:
    """What is no handle is refused, and ends nothing."""
    session = house.start(house.add_user())
    assert refusal(house, handle) == "unknown handle"
    house.sessions.resume_session(session.id)


def test_used_again(house: House, session: Session, handle: str) -> None:
    """A second use ends the sign-in, for whoever has a newer handle or a credential too."""
    redeem(house, handle)
    newer = house.handles.create(session, client=CLIENT)
    house.clock.now += GRACE
    assert refusal(house, handle) == "reused"
    assert reuses(house) == 1
    assert refusal(house, newer) == "unknown handle"
    with pytest.raises(InvalidToken):
        house.sessions.resume_session(session.id)


def test_used_again_late(house: House, session: Session, handle: str) -> None:
    """A spent handle is recognised for as long as the sign-in lasts, whatever was purged."""
    redeem(house, handle)
    house.clock.now = session.expires_at - timedelta(seconds=1)
    house.tokens.purge(house.clock.now)
    assert refusal(house, handle) == "reused"
    assert reuses(house) == 1


def test_the_next_one_was_lost(house: House, session: Session, handle: str) -> None:
    """For a short while the same browser may come with a spent handle again."""
    redeem(house, handle)
    house.clock.now += GRACE - timedelta(seconds=1)
    assert redeem(house, handle).session.id == session.id
    house.clock.now += timedelta(seconds=1)
    assert refusal(house, handle) == "reused"


@pytest.mark.parametrize("spent", [False, True], ids=["fresh", "spent"])
def test_another_browser(house: House, session: Session, handle: str, *, spent: bool) -> None:
    """Another kind of browser has got a copy: the sign-in ends at once."""
    if spent:
        redeem(house, handle)
    assert refusal(house, handle, OTHER_BROWSER) == "reused"
    assert reuses(house) == 1
    assert refusal(house, handle) == "unknown handle"
    with pytest.raises(InvalidToken):
        house.sessions.resume_session(session.id)


def test_too_old(house: House, session: Session, handle: str) -> None:
    """A handle waits half an hour; then it is refused, which ends nothing."""
    house.clock.now += LIFETIME
    assert refusal(house, handle) == "handle expired"
    assert reuses(house) == 0
    house.sessions.resume_session(session.id)


def test_just_young_enough(house: House, session: Session, handle: str) -> None:
    """Until then it counts."""
    house.clock.now += LIFETIME - timedelta(seconds=1)
    assert redeem(house, handle).session.id == session.id


def test_no_longer_than_the_sign_in(house: House, session: Session) -> None:
    """A handle never outlives its sign-in."""
    house.clock.now = session.expires_at - timedelta(minutes=1)
    handle = house.handles.create(session, client=CLIENT)
    house.clock.now = session.expires_at
    assert refusal(house, handle) == "handle expired"


@pytest.mark.parametrize("how", ["end", "disable", "password"])
def test_ended(house: House, session: Session, handle: str, how: str) -> None:
    """A handle of a sign-in that has ended is worth nothing."""
    if how == "end":
        house.sessions.end(session.id)
    elif how == "disable":
        house.change_user(session.user_id, is_active=False)
    else:
        house.change_user(session.user_id, security_stamp="another")
    assert refusal(house, handle) in {
        "unknown handle",
        "no active user",
        "password or address changed",
    }


def test_a_refusal_spends_nothing(house: House, session: Session, handle: str) -> None:
    """A store that fails spends no handle."""
    other = house.handles.create(session, client=CLIENT)
    house.tokens.reset()
    redeem(house, other)
    calls = len(house.tokens.calls)
    for fail_at in range(calls):
        house.tokens.reset(fail_at=fail_at)
        with pytest.raises(StoreError):
            redeem(house, handle)
    house.tokens.reset()
    house.clock.now += GRACE
    assert redeem(house, handle).session.id == session.id


def test_at_once(house: House, session: Session, handle: str) -> None:
    """Of twenty at once one spends it, and the others come within its grace."""
    found = at_once(*[lambda: redeem(house, handle).session.id] * 20)
    assert set(found) == {session.id}
    house.clock.now += GRACE
    assert refusal(house, handle) == "reused"
