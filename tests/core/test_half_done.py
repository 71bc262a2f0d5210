from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from tests.support.core_app import CLIENT, EMAIL, PASSWORD, CoreApp
from tests.support.failing import Mode
from tests.support.fake_mailer import FakeMailer
from tests.support.store_kinds import KINDS, Kind, used

from streamlit_persistauth.core.accounts.login_names import LoginBy
from streamlit_persistauth.core.storage.records import TokenType, UserRecord
from streamlit_persistauth.errors import AuthError, ConfirmationNeeded, InvalidToken, StoreError
from streamlit_persistauth.models import Credential

NEW = "another-Kettle-95"
ADDRESS = "ada@new.example.com"
BROWSER = "browser"


@dataclass
class World:
    """An app, and what its user holds before a change.

    Attributes:
        core: The app.
        mailer: What it has sent.
        user_id: The account that is changed.
        credentials: The credentials of two browsers.
        held: The link, the code or the session that the change needs.
        answer: What the change has returned.
    """

    core: CoreApp
    mailer: FakeMailer
    user_id: str = ""
    credentials: list[Credential] = field(default_factory=list)
    held: Any = None
    answer: Any = None

    def add_user(self) -> None:
        """Create an account that is signed in at two browsers."""
        user = self.core.add_user(username="ada", roles=("editor",))
        self.core.add_user("root@example.com", "root", roles=("admin",))
        self.user_id = user.id
        for _ in range(2):
            self.credentials.append(self.core.sessions.issue(self.core.sign_in(user)))

    @property
    def owner(self) -> UserRecord | None:
        """The account, by its id or the address of a new one."""
        found = self.core.users.get(self.user_id) or self.core.users.find(EMAIL)
        return found if isinstance(found, UserRecord) else None

    def has(self, password: str) -> bool:
        """Return whether the account can sign in with a password."""
        owner = self.owner
        return (
            owner is not None
            and owner.pending is None
            and self.core.hasher.verify(password, owner.password_hash)
        )

    def signed_in(self) -> int:
        """Return how many of the credentials are valid."""
        return sum(map(self.is_valid, self.credentials))

    def is_valid(self, credential: Credential) -> bool:
        """Return whether a credential is valid."""
        try:
            self.core.sessions.verify(credential.text)
        except InvalidToken:
            return False
        return True


@dataclass(frozen=True)
class Change:
    """A change that a user makes, and repeats after a fault.

    Attributes:
        prepare: Creates what the change needs.
        act: Makes the change.
        is_done: Returns whether it is made.
        revokes: Whether it revokes every session that was there before.
        is_atomic: Whether it is not made at all if it fails.
        takes_lease: Whether it takes a lock, which a fault may leave taken for a minute.
        app: Arguments of the app.
    """

    prepare: Callable[[World], None]
    act: Callable[[World], object]
    is_done: Callable[[World], bool]
    revokes: bool = True
    is_atomic: bool = True
    takes_lease: bool = False
    app: dict[str, Any] = field(default_factory=dict)


def prepare_reset(world: World) -> None:
    """Request a reset link."""
    world.add_user()
    world.held = world.core.resets.create(EMAIL)


def prepare_invitation(world: World) -> None:
    """Invite a user."""
    world.held = world.core.invitations.create(EMAIL, full_name="Ada")


def prepare_registration(world: World) -> None:
    """Register an address that has to be confirmed."""
    with suppress(ConfirmationNeeded):
        world.core.registrations.register(EMAIL, PASSWORD, username="ada")
    world.held = world.mailer.token


def prepare_new_address(world: World) -> None:
    """Request another address."""
    world.add_user()
    world.core.confirmations.change_email(world.user_id, PASSWORD, ADDRESS)
    world.held = world.mailer.token


def prepare_taken_address(world: World) -> None:
    """Request an address that another visitor has registered and not confirmed."""
    prepare_new_address(world)
    with suppress(ConfirmationNeeded):
        world.core.registrations.register(ADDRESS, PASSWORD, username="bob")


def prepare_setup_code(world: World) -> None:
    """Create a set-up code."""
    world.held = world.core.setup_codes.create().text


def prepare_handoff(world: World) -> None:
    """Sign in, and get a handoff code."""
    world.add_user()
    owner = world.owner
    assert owner is not None
    session = world.core.start(owner.user)
    world.held = world.core.sessions.hand_off(session.id, world.user_id, browser=BROWSER)


def prepare_url_token(world: World) -> None:
    """Sign in, and get a URL token."""
    world.add_user()
    owner = world.owner
    assert owner is not None
    world.held = world.core.url_tokens.create(world.core.start(owner.user), client=CLIENT)


def register(world: World, **arguments: Any) -> None:  # noqa: ANN401 - of `register`
    """Register; a link that was sent is a success."""
    with suppress(ConfirmationNeeded):
        world.core.registrations.register(EMAIL, PASSWORD, username="ada", **arguments)


def email(world: World) -> str:
    """Return the address of the account."""
    return world.owner.user.email if world.owner else ""


def username(world: World) -> str:
    """Return the username of the account."""
    return world.owner.user.username if world.owner else ""


def is_complete(world: World) -> bool:
    """Return whether the account can sign in with its password."""
    return world.has(PASSWORD)


def is_sent(world: World) -> bool:
    """Return whether the last mail has a valid link."""
    if not world.mailer.sent:
        return False
    link = world.core.links.look_up(TokenType.CONFIRMATION, world.mailer.token)
    return link.email == EMAIL


MAIL = {"must_confirm": True}
CHANGES = {
    "reset": Change(
        prepare_reset, lambda w: w.core.resets.reset(w.held, NEW), lambda w: w.has(NEW)
    ),
    "change of password": Change(
        World.add_user,
        lambda w: w.core.password_changes.change(w.user_id, PASSWORD, NEW),
        lambda w: w.has(NEW),
    ),
    "invitation": Change(
        prepare_invitation,
        lambda w: w.core.invitations.accept(w.held, NEW, username="ada", full_name="Ada"),
        lambda w: w.has(NEW) and username(w) == "ada",
    ),
    "confirmation": Change(
        prepare_registration,
        lambda w: w.core.confirmations.confirm(w.held, PASSWORD),
        is_complete,
        app=MAIL,
    ),
    "change of address by a link": Change(
        prepare_new_address,
        lambda w: w.core.confirmations.confirm(w.held, PASSWORD),
        lambda w: email(w) == ADDRESS,
    ),
    "change to an unconfirmed address": Change(
        prepare_taken_address,
        lambda w: w.core.confirmations.confirm(w.held, PASSWORD),
        lambda w: email(w) == ADDRESS,
        app=MAIL,
        takes_lease=True,
    ),
    "change of address": Change(
        World.add_user,
        lambda w: w.core.confirmations.change_email(w.user_id, PASSWORD, ADDRESS),
        lambda w: email(w) == ADDRESS,
        app={"mailer": None},
    ),
    "change of username": Change(
        World.add_user,
        lambda w: w.core.username_changes.change(w.user_id, PASSWORD, "lovelace"),
        lambda w: username(w) == "lovelace",
        revokes=False,
    ),
    "first account": Change(
        prepare_setup_code,
        lambda w: w.core.registrations.register_first(
            EMAIL, PASSWORD, username="ada", setup_code=w.held
        ),
        lambda w: is_complete(w) and w.owner is not None and w.owner.user.roles == ("admin",),
    ),
    "registration with roles": Change(
        lambda _: None,
        lambda w: register(w, roles=("editor",)),
        lambda w: is_complete(w) and w.owner is not None and w.owner.user.roles == ("editor",),
    ),
    "registration to confirm": Change(
        lambda _: None,
        register,
        is_sent,
        app=MAIL,
    ),
    "invitation of a user": Change(
        lambda _: None,
        prepare_invitation,
        lambda w: w.held is not None,
    ),
    "deletion": Change(
        World.add_user,
        lambda w: w.core.user_admin.delete(w.user_id),
        lambda w: w.owner is None,
        takes_lease=True,
    ),
    "disabling": Change(
        World.add_user,
        lambda w: w.core.user_admin.disable(w.user_id),
        lambda w: w.owner is not None and not w.owner.user.is_active,
        is_atomic=False,  # the sessions are revoked before their records are deleted
        takes_lease=True,
    ),
    "change of roles": Change(
        World.add_user,
        lambda w: w.core.user_admin.set_roles(w.user_id, ["author"]),
        lambda w: w.owner is not None and w.owner.user.roles == ("author",),
        revokes=False,
        takes_lease=True,
    ),
    "change of name": Change(
        World.add_user,
        lambda w: w.core.accounts.change_name(w.user_id, "Countess"),
        lambda w: w.owner is not None and w.owner.user.full_name == "Countess",
        revokes=False,
        is_atomic=False,  # it is read back, because a table of an app may have no names
    ),
    "sign-out of all": Change(
        World.add_user,
        lambda w: w.core.sessions.end_user(w.user_id),
        lambda w: not w.core.sessions.live(w.user_id),
    ),
    "handoff": Change(
        prepare_handoff,
        lambda w: setattr(w, "answer", w.core.sessions.redeem(w.held, browser=BROWSER)),
        lambda w: w.answer is not None and w.is_valid(w.answer),
        revokes=False,
    ),
    "URL token": Change(
        prepare_url_token,
        lambda w: setattr(w, "answer", w.core.url_tokens.redeem(w.held, client=CLIENT)),
        lambda w: w.answer is not None,
        revokes=False,
    ),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run on memory and SQLite stores, or on those that `--store` selects."""
    if "make_stores" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--store")
        kinds = ["memory", "sqlite"] if chosen == "memory" else [chosen]
        metafunc.parametrize("make_stores", kinds, indirect=True)


@pytest.fixture
def make_stores(request: pytest.FixtureRequest) -> Iterator[Callable[[], Kind]]:
    """Empties the stores of a kind, and returns them."""
    yield from KINDS[request.param](request)


def prepared(change: Change, make_stores: Callable[[], Kind]) -> World:
    """Return a new app in which a change can be made."""
    mailer = FakeMailer()
    with used(make_stores()):
        app = {"mailer": mailer, "login_by": LoginBy.EITHER, **change.app}
        world = World(CoreApp(**app), mailer)
    change.prepare(world)
    return world


def attempts(
    change: Change, make_stores: Callable[[], Kind], mode: Mode
) -> Iterator[tuple[World, AuthError | None]]:
    """Make a change in new apps, with a fault at each call of a store in turn.

    Yields:
        The app without further faults, and the error of the change, if it has failed.
    """
    for name in ("users", "tokens"):
        for number in range(100):
            world = prepared(change, make_stores)
            store = getattr(world.core, name)
            store.reset(fail_at=number, mode=mode)
            error = made(change, world)
            has_failed = store.has_failed
            store.reset()
            if not has_failed:
                assert error is None
                break
            yield world, error


def made(change: Change, world: World) -> AuthError | None:
    """Make a change; return its error."""
    try:
        change.act(world)
    except AuthError as error:
        return error
    return None


def repeated(change: Change, world: World) -> AuthError | None:
    """Make a change again, once a lease that was not released has expired; return its error."""
    if change.takes_lease:
        world.core.clock.move(minutes=2)
    return made(change, world)


@pytest.mark.parametrize("mode", ["all", "once"])
@pytest.mark.parametrize("name", CHANGES)
def test_fault_at_each_call(name: str, mode: Mode, make_stores: Callable[[], Kind]) -> None:
    """Whichever call of a store fails, the answer is true and the change can be repeated.

    Either the change is made, or it fails with `StoreError` and nothing is changed: the link, the
    code and the password before are still valid. No session survives a change that revokes it.
    """
    change = CHANGES[name]
    for world, error in attempts(change, make_stores, mode):
        if error is not None:
            assert isinstance(error, StoreError)
            assert not (change.is_atomic and change.is_done(world)), "failed, but made"
            assert repeated(change, world) is None, "can't be repeated"
        assert change.is_done(world)
        assert world.signed_in() == (0 if change.revokes else len(world.credentials))


@pytest.mark.parametrize("name", CHANGES)
def test_answer_lost_at_each_call(name: str, make_stores: Callable[[], Kind]) -> None:
    """If a store does its work and the answer is lost, the change is made after a repetition.

    The repetition may be refused, because the link or the password is that of before the change.
    """
    change = CHANGES[name]
    for world, error in attempts(change, make_stores, "late"):
        if error is not None:
            assert isinstance(error, StoreError)
            repeated(change, world)
        assert change.is_done(world)
        assert world.signed_in() == (0 if change.revokes else len(world.credentials))


def test_sign_in_that_fails_leaves_no_session(make_stores: Callable[[], Kind]) -> None:
    """A sign-in that fails does not count towards the number of sessions of the user."""
    change = Change(
        World.add_user,
        lambda w: w.core.start(w.owner.user),  # type: ignore[union-attr]
        lambda _: True,
        app={"max_sessions": 2},
    )
    for world, error in attempts(change, make_stores, "once"):
        assert len(world.core.sessions.live(world.user_id)) <= 2, error
