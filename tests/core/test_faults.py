import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.support.core_app import CLIENT, PASSWORD, CoreApp

from streamlit_persistauth.errors import AuthError, StoreError
from streamlit_persistauth.models import Credential, User
from streamlit_persistauth.stores.memory import MemoryTokenStore, MemoryUserStore

CHANCE = 0.15
BROWSER = "browser"


@dataclass
class Faults:
    """Breaks calls of a store at random, before or after their work is done."""

    store: object
    chance: random.Random
    active: bool = False
    injected: int = 0
    calls: list[str] = field(default_factory=list)

    def reset(self) -> None:
        """Do nothing; `CoreApp` calls this."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of any store
        """Return a method that may fail."""
        method = getattr(self.store, name)

        def call(*args: object, **kwargs: object) -> object:
            fails = self.active and self.chance.random() < CHANCE
            self.injected += fails
            if fails and self.chance.random() < 0.5:
                raise StoreError("before")
            answer = method(*args, **kwargs)
            if fails:
                raise StoreError("after")
            return answer

        return call


class World:
    """The expected state of an app whose stores fail."""

    def __init__(self) -> None:
        """Create accounts without faults."""
        self.chance = random.Random(20301)  # noqa: S311 - the same faults every time
        self.users = Faults(MemoryUserStore(), self.chance)
        self.tokens = Faults(MemoryTokenStore(), self.chance)
        self.core = CoreApp(users=self.users, tokens=self.tokens)  # type: ignore[arg-type]
        self.accounts = [self.core.add_user(f"{number}@example.com") for number in range(3)]
        self.held: list[tuple[str, User, Credential]] = []
        self.revoked: set[str] = set()
        self.passwords = {user.id: [PASSWORD] for user in self.accounts}
        self.links: list[tuple[User, str]] = []
        self.users.active = self.tokens.active = True
        self.signed_in = self.refused = 0

    def step(self) -> None:
        """Run a random operation, and assert the invariants."""
        act = self.chance.choice(
            [
                *[self.sign_in] * 4,
                *[self.resume] * 10,
                *[self.wait] * 2,
                *[self.guess, self.end, self.change, self.reset, self.reuse_link],
                *[self.hand_off, self.use_address],
            ]
        )
        try:
            act()
        except AuthError:
            self.refused += 1

    def guess(self) -> None:
        """A wrong password never signs in."""
        user = self.chance.choice(self.accounts)
        self.core.accounts.authenticate(user.email, "wrong-Kettle-93", client=CLIENT)
        raise AssertionError("signed in by a fault")

    def sign_in(self) -> None:
        """The right password signs in its user, or nobody."""
        user = self.chance.choice(self.accounts)
        password = self.password_of(user)
        owner = self.core.accounts.authenticate(user.email, password)
        assert owner.user.id == user.id
        self.passwords[user.id] = [password]
        session = self.core.sessions.start(owner, remember=True, client=CLIENT)
        self.held.append((session.id, user, self.core.sessions.issue(session.id)))

    def resume(self) -> None:
        """A credential signs in its user until the session is revoked."""
        if not self.held:
            return
        session_id, user, credential = self.chance.choice(self.held)
        signed_in = self.core.sessions.resume(credential.text)
        assert (signed_in.session.id, signed_in.user.id) == (session_id, user.id)
        assert session_id not in self.revoked, "a revoked session was resumed"
        self.signed_in += 1

    def end(self) -> None:
        """Revoke a session; a fault may leave either result."""
        if not self.held:
            return
        session_id, user, _ = self.chance.choice(self.held)
        if self.chance.random() < 0.1:
            self.core.user_admin.disable(user.id)
            self.revoked |= {held for held, owner, _ in self.held if owner.id == user.id}
            self.core.user_admin.enable(user.id)
            return
        self.core.sessions.end(session_id)
        self.revoked.add(session_id)

    def password_of(self, user: User) -> str:
        """Return a password that the user may have; a fault may have left the former one."""
        return self.chance.choice(self.passwords[user.id])

    def change(self) -> None:
        """A user changes the password, which revokes all sessions before."""
        user = self.chance.choice(self.accounts)
        current = self.password_of(user)
        self.set_password(
            user, lambda new: self.core.password_changes.change(user.id, current, new)
        )

    def reset(self) -> None:
        """A user sets a password by a link, which revokes the link and all sessions before."""
        user = self.chance.choice(self.accounts)
        owner = self.core.accounts.find(user.email)
        token = self.core.resets.make(owner) if owner else None
        if token is not None:
            self.set_password(user, lambda new: self.core.resets.reset(token, new))
            self.links.append((user, token))

    def set_password(self, user: User, act: Callable[[str], object]) -> None:
        """Set a new password; after a fault, either password may be the present one."""
        new = f"Kettle-orbit-{self.chance.randrange(10**9)}"
        before = {held for held, owner, _ in self.held if owner.id == user.id}
        try:
            act(new)
        except StoreError:
            self.passwords[user.id].append(new)
            raise
        self.passwords[user.id] = [new]
        self.revoked |= before

    def reuse_link(self) -> None:
        """A spent link sets no password."""
        if self.links:
            _, token = self.chance.choice(self.links)
            self.core.resets.reset(token, "stolen-Kettle-93")
            raise AssertionError("a spent link was accepted")

    def hand_off(self) -> None:
        """A handoff code gives its own browser a credential, which `resume` tests, and no other."""
        if not self.held:
            return
        session_id, user, _ = self.chance.choice(self.held)
        code = self.core.sessions.hand_off(session_id, user.id, browser=BROWSER)
        if self.chance.random() < 0.5:
            self.core.sessions.redeem(code, browser="another browser")
            raise AssertionError("a handoff code of another browser was accepted")
        credential = self.core.sessions.redeem(code, browser=BROWSER)
        self.held.append((session_id, user, credential))

    def use_address(self) -> None:
        """A URL token signs in its user until the session is revoked."""
        if not self.held:
            return
        session_id, user, credential = self.chance.choice(self.held)
        session = self.core.sessions.verify(credential.text).session
        token = self.core.url_tokens.create(session, client=CLIENT)
        signed_in = self.core.url_tokens.redeem(token, client=CLIENT)
        assert (signed_in.session.id, signed_in.user.id) == (session_id, user.id)
        assert session_id not in self.revoked, "a revoked session was resumed"

    def settle(self) -> None:
        """Without faults each user signs in with one password, and no revoked session is valid."""
        self.users.active = self.tokens.active = False
        self.core.clock.move(days=1)
        for user in self.accounts:
            self.core.user_admin.enable(user.id)
            accepted = [word for word in self.passwords[user.id] if self.accepts(user, word)]
            assert len(accepted) == 1, "a fault has locked a user out"
        live = self.core.sessions.find_live(self.revoked)
        assert not live, "a revoked session is valid"

    def accepts(self, user: User, password: str) -> bool:
        """Return whether a password signs a user in."""
        self.core.clock.move(days=1)
        with suppress(AuthError):
            return self.core.accounts.authenticate(user.email, password).user.id == user.id
        return False

    def wait(self) -> None:
        """Let time pass, and enable users that a fault left disabled."""
        self.core.clock.move(minutes=self.chance.choice([1, 10, 90]))
        self.users.active = False
        for user in self.accounts:
            self.core.user_admin.enable(user.id)
        self.users.active = True


@pytest.mark.parametrize("faults", [1_000, pytest.param(10_000, marks=pytest.mark.slow)])
def test_faults_sign_nobody_in(faults: int) -> None:
    """Failing stores never restore a revoked session and never sign an attacker in.

    No fault raises an error other than `AuthError`, and none locks a user out.
    """
    world = World()
    while world.users.injected + world.tokens.injected < faults:
        world.step()
        del world.held[:-30]
        del world.links[:-30]
    world.settle()
    assert world.signed_in > faults / 20
    assert world.refused > faults / 5
