import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.support.core_app import CLIENT, PASSWORD, CoreApp

from streamlit_persistauth.errors import AuthError, StoreError
from streamlit_persistauth.stores.memory import MemoryTokenStore, MemoryUserStore

if TYPE_CHECKING:
    from streamlit_persistauth.models import Credential, User

OPERATIONS = 10_000
CHANCE = 0.15


@dataclass
class Faults:
    """Breaks calls of a store at random, before or after their work is done."""

    store: object
    chance: random.Random
    active: bool = False
    calls: list[str] = field(default_factory=list)

    def reset(self) -> None:
        """Do nothing; `CoreApp` calls this."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - any method of any store
        """Return a method that may fail."""
        method = getattr(self.store, name)

        def call(*args: object, **kwargs: object) -> object:
            fails = self.active and self.chance.random() < CHANCE
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
        self.users.active = self.tokens.active = True
        self.signed_in = self.refused = 0

    def step(self) -> None:
        """Run a random operation, and assert the invariants."""
        act = self.chance.choice(
            [self.guess, self.sign_in, self.sign_in, *[self.resume] * 5, self.end, self.wait]
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
        owner = self.core.accounts.authenticate(user.email, PASSWORD)
        assert owner.user.id == user.id
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

    def wait(self) -> None:
        """Let time pass, and enable users that a fault left disabled."""
        self.core.clock.move(minutes=self.chance.choice([1, 10, 90]))
        self.users.active = False
        for user in self.accounts:
            self.core.user_admin.enable(user.id)
        self.users.active = True


def test_faults_sign_nobody_in() -> None:
    """Failing stores never restore a revoked session and never sign an attacker in.

    Ten thousand random operations raise no error other than `AuthError`.
    """
    world = World()
    for _ in range(OPERATIONS):
        world.step()
        del world.held[:-30]
    assert world.signed_in > 500
    assert world.refused > 2000
