from datetime import timedelta

import pytest
from tests.support.core_app import CLIENT, CoreApp

from streamlit_persistauth.core.secrets import fingerprint
from streamlit_persistauth.core.sessions.sessions import SignedIn
from streamlit_persistauth.core.sessions.url_tokens import GRACE, LIFETIME
from streamlit_persistauth.core.storage.records import TokenType
from streamlit_persistauth.errors import InvalidToken, StoreError
from streamlit_persistauth.models import Client, Session
from streamlit_persistauth.testing.races import at_once

OTHER_BROWSER = Client(CLIENT.ip_address, "Another/1.0")
OTHER_PLACE = Client("198.51.100.9", CLIENT.user_agent)


@pytest.fixture
def session(core: CoreApp) -> Session:
    """A session."""
    return core.start(core.add_user())


@pytest.fixture
def url_token(core: CoreApp, session: Session) -> str:
    """A URL token of the session."""
    return core.url_tokens.create(session, client=CLIENT)


def redeem(core: CoreApp, url_token: str, client: Client = CLIENT) -> SignedIn:
    """Redeem a URL token."""
    return core.url_tokens.redeem(url_token, client=client)


def refusal(core: CoreApp, url_token: str, client: Client = CLIENT) -> str:
    """Assert that a URL token is rejected, and return the reason."""
    with pytest.raises(InvalidToken) as caught:
        redeem(core, url_token, client)
    return caught.value.reason


def reuses(core: CoreApp) -> int:
    """Return the number of recorded reuses."""
    return [event.event_type for event in core.events.records].count("reuse_detected")


def test_signs_in(core: CoreApp, session: Session, url_token: str) -> None:
    """A URL token represents its session, also from another network."""
    assert redeem(core, url_token, OTHER_PLACE).session.id == session.id


def test_is_no_credential(core: CoreApp, url_token: str) -> None:
    """A URL token is short, contains nothing readable, and is stored as a hash only."""
    assert len(url_token) == 43
    with pytest.raises(InvalidToken):
        core.sessions.resume(url_token)
    stored = core.tokens.find(TokenType.URL_TOKEN, fingerprint(url_token))
    assert stored is not None
    assert url_token not in repr(stored)


def test_a_credential_is_no_url_token(core: CoreApp, session: Session) -> None:
    """A credential is not accepted as a URL token."""
    credential = core.sessions.issue(session.id)
    assert refusal(core, credential.text) == "unknown URL token"


@pytest.mark.parametrize("url_token", ["", "x", "x" * 43, "\0", "💥", "x" * 100_000])
def test_unknown(core: CoreApp, url_token: str) -> None:
    """An unknown text is rejected and revokes nothing."""
    session = core.start(core.add_user())
    assert refusal(core, url_token) == "unknown URL token"
    core.sessions.resume_session(session.id)


def test_used_again(core: CoreApp, session: Session, url_token: str) -> None:
    """A second use revokes the session, for holders of a newer token or a credential too."""
    redeem(core, url_token)
    newer = core.url_tokens.create(session, client=CLIENT)
    core.clock.now += GRACE
    assert refusal(core, url_token) == "reused"
    assert reuses(core) == 1
    assert refusal(core, newer) == "unknown URL token"
    with pytest.raises(InvalidToken):
        core.sessions.resume_session(session.id)


def test_used_again_late(core: CoreApp, session: Session, url_token: str) -> None:
    """A used token is detected as long as the session lasts, even after a purge."""
    redeem(core, url_token)
    core.clock.now = session.expires_at - timedelta(seconds=1)
    core.tokens.purge(core.clock.now)
    assert refusal(core, url_token) == "reused"
    assert reuses(core) == 1


def test_the_next_one_was_lost(core: CoreApp, session: Session, url_token: str) -> None:
    """During the grace period the same browser may present a used token again."""
    redeem(core, url_token)
    core.clock.now += GRACE - timedelta(seconds=1)
    assert redeem(core, url_token).session.id == session.id
    core.clock.now += timedelta(seconds=1)
    assert refusal(core, url_token) == "reused"


@pytest.mark.parametrize("spent", [False, True], ids=["fresh", "spent"])
def test_another_browser(core: CoreApp, session: Session, url_token: str, *, spent: bool) -> None:
    """Another browser has a copy, so the session is revoked immediately."""
    if spent:
        redeem(core, url_token)
    assert refusal(core, url_token, OTHER_BROWSER) == "reused"
    assert reuses(core) == 1
    assert refusal(core, url_token) == "unknown URL token"
    with pytest.raises(InvalidToken):
        core.sessions.resume_session(session.id)


def test_too_old(core: CoreApp, session: Session, url_token: str) -> None:
    """A token expires after half an hour, which revokes nothing."""
    core.clock.now += LIFETIME
    assert refusal(core, url_token) == "URL token expired"
    assert reuses(core) == 0
    core.sessions.resume_session(session.id)


def test_just_young_enough(core: CoreApp, session: Session, url_token: str) -> None:
    """Just before, it is valid."""
    core.clock.now += LIFETIME - timedelta(seconds=1)
    assert redeem(core, url_token).session.id == session.id


def test_no_longer_than_the_sign_in(core: CoreApp, session: Session) -> None:
    """A URL token never outlives its session."""
    core.clock.now = session.expires_at - timedelta(minutes=1)
    url_token = core.url_tokens.create(session, client=CLIENT)
    core.clock.now = session.expires_at
    assert refusal(core, url_token) == "URL token expired"


@pytest.mark.parametrize("how", ["end", "disable", "password"])
def test_ended(core: CoreApp, session: Session, url_token: str, how: str) -> None:
    """A URL token of a revoked session is not valid."""
    if how == "end":
        core.sessions.end(session.id)
    elif how == "disable":
        core.change_user(session.user_id, is_active=False)
    else:
        core.change_user(session.user_id, security_stamp="another")
    assert refusal(core, url_token) in {
        "unknown URL token",
        "no active user",
        "password or address changed",
    }


def test_a_refusal_spends_nothing(core: CoreApp, session: Session, url_token: str) -> None:
    """A failing store uses up no token."""
    other = core.url_tokens.create(session, client=CLIENT)
    core.tokens.reset()
    redeem(core, other)
    calls = len(core.tokens.calls)
    for fail_at in range(calls):
        core.tokens.reset(fail_at=fail_at)
        with pytest.raises(StoreError):
            redeem(core, url_token)
    core.tokens.reset()
    core.clock.now += GRACE
    assert redeem(core, url_token).session.id == session.id


def test_at_once(core: CoreApp, session: Session, url_token: str) -> None:
    """Of twenty concurrent calls one uses up the token; the others are within the grace period."""
    signed_in = at_once(*[lambda: redeem(core, url_token).session.id] * 20)
    assert set(signed_in) == {session.id}
    core.clock.now += GRACE
    assert refusal(core, url_token) == "reused"
