import threading

import bcrypt
import pytest
from tests.support.core_app import EMAIL, PASSWORD, CoreApp
from tests.support.hashing import BcryptCalls

from streamlit_persistauth.core.passwords.hasher import MAX_WORKERS, PasswordHasher, pepper_id
from streamlit_persistauth.errors import InvalidCredentials
from streamlit_persistauth.testing.races import at_once

OLD, NEW = "old-pepper-of-some-length", "new-pepper-of-some-length"


def test_needed() -> None:
    """A hash with a pepper verifies with it, and neither without it nor with another one."""
    stored = PasswordHasher(4, peppers=[OLD]).hash(PASSWORD)
    assert f",p={pepper_id(OLD)}$" in stored
    assert pepper_id("a") == "c1cb1a414e1c8662"  # part of what is stored: it must never change
    assert OLD not in stored
    assert PasswordHasher(4, peppers=[OLD]).verify(PASSWORD, stored)
    assert not PasswordHasher(4).verify(PASSWORD, stored)
    assert not PasswordHasher(4, peppers=[NEW]).verify(PASSWORD, stored)


def test_forged_tag() -> None:
    """Removing or replacing the pepper id in the table invalidates the hash."""
    hasher = PasswordHasher(4, peppers=[NEW, OLD])
    stored = PasswordHasher(4, peppers=[OLD]).hash(PASSWORD)
    assert hasher.verify(PASSWORD, stored)
    assert not hasher.verify(PASSWORD, stored.replace(f",p={pepper_id(OLD)}", ""))
    assert not hasher.verify(PASSWORD, stored.replace(pepper_id(OLD), pepper_id(NEW)))


def test_rotation() -> None:
    """An older pepper still verifies, and its hashes need an upgrade."""
    hasher = PasswordHasher(4, peppers=[NEW, OLD])
    for stored in (
        PasswordHasher(4, peppers=[OLD]).hash(PASSWORD),
        PasswordHasher(4).hash(PASSWORD),
    ):
        assert hasher.verify(PASSWORD, stored)
        assert hasher.needs_upgrade(stored)
    assert not hasher.needs_upgrade(hasher.hash(PASSWORD))


def test_lost(core: CoreApp, bcrypt_calls: BcryptCalls) -> None:
    """A hash with an unknown pepper is rejected with equal work and recorded as an event."""
    user = core.add_user()
    core.change_user(user.id, password_hash=PasswordHasher(4, peppers=[OLD]).hash(PASSWORD))
    bcrypt_calls.count = 0
    with pytest.raises(InvalidCredentials):
        core.accounts.authenticate(EMAIL, PASSWORD)
    assert bcrypt_calls.count == 1
    assert "damaged_hash" in [event.event_type for event in core.events.records]


@pytest.mark.parametrize("rounds", [4, 5, 6, 7])
def test_equal_work_at_a_lower_cost(monkeypatch: pytest.MonkeyPatch, rounds: int) -> None:
    """A hash of lower cost takes as much work as one of the current cost."""
    stored = PasswordHasher(rounds).hash(PASSWORD)
    plain = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(rounds)).decode()
    hasher, work = PasswordHasher(7), list[int]()
    real = bcrypt.hashpw

    def counted(password: bytes, setting: bytes) -> bytes:
        work.append(2 ** int(setting[4:6]))
        return real(password, setting)

    monkeypatch.setattr(bcrypt, "hashpw", counted)
    for text in (stored, plain, None, "nonsense"):
        work.clear()
        hasher.verify("wrong", text)
        assert sum(work) == 2**7


def test_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Concurrent sign-ins do not exceed the number of workers."""
    real, lock, inside, most = bcrypt.hashpw, threading.Lock(), [0], [0]

    def counted(password: bytes, setting: bytes) -> bytes:
        with lock:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
        try:
            return real(password, setting)
        finally:
            with lock:
                inside[0] -= 1

    monkeypatch.setattr(bcrypt, "hashpw", counted)
    hasher = PasswordHasher(6)
    at_once(*[lambda: hasher.verify("wrong", None)] * 16)
    assert 1 <= most[0] <= MAX_WORKERS
