from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from tests.support.clock import MovableClock
from tests.support.core_app import CLIENT, EMAIL, LIFETIME, PASSWORD, CoreApp
from tests.support.machine_time import Machine

from streamlit_persistauth.core.sessions.lifetime import Lifetime, is_recent
from streamlit_persistauth.core.storage.locks import LEASE
from streamlit_persistauth.errors import InvalidCredentials, InvalidLink, InvalidToken, Throttled

if TYPE_CHECKING:
    from streamlit_persistauth.models import Credential

HOUR = timedelta(hours=1)
SKEWS = [HOUR, -HOUR, timedelta(minutes=5), timedelta(minutes=-5)]


@dataclass
class Replicas:
    """Two replicas with the same stores, one of which has a wrong clock.

    Attributes:
        world: The right time.
        right: The replica whose clock is right.
        wrong: The other one.
        machine: The machine of the other one.
    """

    has_clock: bool = True
    error: timedelta = timedelta()
    lifetime: Lifetime = field(default_factory=lambda: Lifetime(LIFETIME))

    def __post_init__(self) -> None:
        self.world = MovableClock()
        read = self.world if self.has_clock else None
        self.machine = Machine(self.world, error=self.error, read=read)
        self.right = CoreApp(clock=self.world, lifetime=self.lifetime)
        self.wrong = CoreApp(
            clock=self.machine.clock,  # type: ignore[arg-type]
            users=self.right.users,
            tokens=self.right.tokens,
            lifetime=self.lifetime,
        )
        self.user = self.right.add_user()

    def issue(self, core: CoreApp) -> "Credential":
        """Sign in at a replica."""
        return core.sessions.issue(core.sign_in(self.user))


def refusal(call: Callable[[], object]) -> InvalidToken:
    """Return why a credential is refused."""
    with pytest.raises(InvalidToken) as refused:
        call()
    return refused.value


@pytest.mark.parametrize("error", SKEWS)
def test_new_credential(error: timedelta) -> None:
    """Each replica accepts what the other one has just issued."""
    replicas = Replicas(error=error)
    one, other = replicas.issue(replicas.right), replicas.issue(replicas.wrong)
    assert replicas.wrong.sessions.resume(one.text).user == replicas.user
    assert replicas.right.sessions.resume(other.text).user == replicas.user


@pytest.mark.parametrize("error", SKEWS)
def test_expired(error: timedelta) -> None:
    """Sessions and links expire on all replicas at the same moment."""
    replicas = Replicas(error=error)
    wrong = replicas.wrong
    credential = replicas.issue(replicas.right)
    session_id = wrong.signer.verify(credential.text).session_id
    token = replicas.right.resets.create(EMAIL)
    assert token is not None
    replicas.world.move(hours=1)
    with pytest.raises(InvalidLink):
        wrong.resets.reset(token, "another-Kettle-95")
    replicas.world.now += LIFETIME - HOUR - timedelta(seconds=1)
    assert wrong.sessions.resume(credential.text).user == replicas.user
    replicas.world.move(seconds=1)
    assert refusal(lambda: wrong.sessions.resume(credential.text)).reason == "expired"
    assert refusal(lambda: wrong.sessions.resume_session(session_id)).reason == "expired"
    assert wrong.sessions.find_live([session_id]) == set()


@pytest.mark.parametrize("error", SKEWS)
def test_wait(error: timedelta) -> None:
    """A wait is as long on a replica with a wrong clock as on the others."""
    replicas = Replicas(error=error)
    for core in [replicas.right, replicas.wrong] * 2:
        with pytest.raises(InvalidCredentials):
            core.accounts.authenticate(EMAIL, "wrong-Kettle-93")
    with pytest.raises(InvalidCredentials):
        replicas.wrong.accounts.authenticate(EMAIL, "wrong-Kettle-93")
    for core in (replicas.right, replicas.wrong):
        with pytest.raises(Throttled) as refused:
            core.accounts.authenticate(EMAIL, PASSWORD)
        assert refused.value.retry_after == timedelta(seconds=30)
    replicas.world.move(seconds=30)
    replicas.right.accounts.authenticate(EMAIL, PASSWORD)


def test_kept_if_not_valid_yet() -> None:
    """Where no clock is measured, the credential of a server that is ahead is kept."""
    replicas = Replicas(has_clock=False, error=-HOUR)
    credential = replicas.issue(replicas.right)
    refused = refusal(lambda: replicas.wrong.sessions.resume(credential.text))
    assert (refused.reason, refused.is_final) == ("issued in the future", False)


@pytest.mark.parametrize("idle", [None, timedelta(hours=2)])
def test_kept_if_expired_recently(idle: timedelta | None) -> None:
    """A credential that has expired is kept for a day, because the clock may be wrong."""
    replicas = Replicas(lifetime=Lifetime(LIFETIME, idle=idle))
    core, world = replicas.right, replicas.world
    credential = replicas.issue(core)
    session_id = core.signer.verify(credential.text).session_id
    world.now += idle or LIFETIME
    for call in (
        lambda: core.sessions.resume(credential.text),
        lambda: core.sessions.resume_session(session_id),
    ):
        assert not refusal(call).is_final
    world.move(days=1)
    assert refusal(lambda: core.sessions.resume_session(session_id)).is_final
    world.now += LIFETIME
    assert refusal(lambda: core.sessions.resume(credential.text)).is_final


@pytest.mark.parametrize("act", ["end", "disable", "delete", "password"])
def test_what_is_revoked_is_final(act: str) -> None:
    """A revoked credential is invalid on every replica, so the browser may delete it."""
    core = CoreApp()
    user = core.add_user()
    session_id = core.sign_in(user)
    credential = core.sessions.issue(session_id)
    if act == "end":
        core.sessions.end(session_id)
    elif act == "disable":
        core.user_admin.disable(user.id)
    elif act == "delete":
        core.user_admin.delete(user.id)
    else:
        core.password_changes.change(user.id, PASSWORD, "another-Kettle-95")
    assert refusal(lambda: core.sessions.resume(credential.text)).is_final


@pytest.mark.parametrize("has_clock", [True, False])
@pytest.mark.parametrize("step", [HOUR, -HOUR])
def test_clock_that_is_set(step: timedelta, *, has_clock: bool) -> None:
    """When the clock of a running process is set, nothing expired or revoked is valid again."""
    replicas = Replicas(has_clock=has_clock)
    core, world = replicas.wrong, replicas.world
    expired, revoked = replicas.issue(core), replicas.issue(core)
    session_id = core.signer.verify(expired.text).session_id
    core.sessions.end(core.signer.verify(revoked.text).session_id)
    token = core.resets.create(EMAIL)
    assert token is not None
    world.now += LIFETIME + timedelta(minutes=1)
    refusal(lambda: core.sessions.resume(expired.text))
    for error in (step, timedelta(), step):
        replicas.machine.error = error
        refusal(lambda: core.sessions.resume(expired.text))
        refusal(lambda: core.sessions.resume(revoked.text))
        refusal(lambda: core.sessions.resume_session(session_id))
        assert core.sessions.find_live([session_id]) == set()
        with pytest.raises(InvalidLink):
            core.resets.reset(token, "another-Kettle-95")


def test_replaced_credential_after_a_step_back() -> None:
    """A replaced credential is not accepted again when the clock is an hour back."""
    core = CoreApp(lifetime=Lifetime(HOUR, renewal=timedelta(days=30)))
    user = core.add_user()
    parent = core.sessions.issue(core.sign_in(user))
    core.clock.move(hours=2)
    renewed = core.sessions.renew(parent.text)
    assert renewed is not None
    core.sessions.resume(renewed.text)
    core.clock.move(minutes=-30)
    assert refusal(lambda: core.sessions.verify(parent.text)).reason == "reused"


def test_url_token_after_a_step_back() -> None:
    """A spent URL token is not accepted again when the clock is an hour back."""
    core = CoreApp()
    user = core.add_user()
    core.clock.move(hours=2)
    token = core.url_tokens.create(core.start(user), client=CLIENT)
    core.url_tokens.redeem(token, client=CLIENT)
    core.clock.move(hours=-1)
    assert refusal(lambda: core.url_tokens.redeem(token, client=CLIENT)).reason == "reused"


def test_password_check_in_the_future() -> None:
    """A password check that a clock ahead has recorded is not recent."""
    core = CoreApp()
    session = core.start(core.add_user())
    core.clock.move(hours=-1)
    assert not is_recent(session, timedelta(minutes=5), core.clock())


def test_last_use_in_the_future() -> None:
    """A use corrects the time of the last use that a clock ahead has recorded."""
    core = CoreApp(lifetime=Lifetime(timedelta(days=30), idle=HOUR))
    session_id = core.sign_in(core.add_user())
    core.clock.move(days=-10)
    core.sessions.resume_session(session_id)
    core.clock.now += HOUR
    assert refusal(lambda: core.sessions.resume_session(session_id)).reason == "idle"


def test_wait_of_a_clock_that_was_ahead() -> None:
    """Attempts that a clock ten years ahead has counted do not lock an account for ten years."""
    core = CoreApp()
    core.add_user()
    core.clock.move(days=3650)
    for _ in range(5):
        with pytest.raises(InvalidCredentials):
            core.accounts.authenticate(EMAIL, "wrong-Kettle-93")
    core.clock.move(days=-3650)
    with pytest.raises(Throttled) as refused:
        core.accounts.authenticate(EMAIL, PASSWORD)
    assert refused.value.retry_after == timedelta(seconds=30)
    core.clock.move(seconds=20)
    with pytest.raises(Throttled) as refused:
        core.accounts.authenticate(EMAIL, PASSWORD)
    assert refused.value.retry_after == timedelta(seconds=10)
    core.clock.move(seconds=10)
    core.accounts.authenticate(EMAIL, PASSWORD)


def test_lease_of_a_clock_that_was_ahead() -> None:
    """A lock that a clock ten years ahead has left taken is free after the correction."""
    core = CoreApp()
    core.clock.move(days=3650)
    assert core.leases.try_take("administrators", LEASE).is_held
    core.clock.move(days=-3650)
    assert core.leases.try_take("administrators", LEASE).is_held
    assert not core.leases.try_take("administrators", LEASE).is_held
