"""What an administrator does with accounts, and what is refused."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.support.clock import MovableClock
from tests.support.house import EMAIL, PASSWORD, House
from tests.support.postman import Postman

from streamlit_persistauth.core.directory import TURN, Directory
from streamlit_persistauth.core.queries import UserQuery
from streamlit_persistauth.core.records import Pending
from streamlit_persistauth.core.turns import LEASE, Turns
from streamlit_persistauth.errors import (
    AuthError,
    InvalidCredentials,
    InvalidRole,
    InvalidToken,
    LastAdmin,
    NotAllowed,
    StoreError,
)
from streamlit_persistauth.models import User
from streamlit_persistauth.testing.races import at_once

TAKING = ["set_roles", "disable", "delete"]
"""What may take an administrator away."""


@pytest.fixture
def house() -> House:
    """An app."""
    return House()


@pytest.fixture
def admin(house: House) -> User:
    """Its administrator."""
    return house.add_user("admin@example.com", roles=("admin",))


@pytest.fixture
def ada(house: House, admin: User) -> User:
    """Somebody else."""
    return house.add_user(EMAIL, roles=("editor",))


def take(directory: Directory, way: str, user_id: str, by: str | None = None) -> object:
    """Take an administrator away."""
    if way == "set_roles":
        return directory.set_roles(user_id, ["editor"], by=by)
    return getattr(directory, way)(user_id, by=by)


def events(house: House) -> list[tuple[str, str | None, dict[str, str]]]:
    """Return what happened: what, to whom, and more."""
    return [(event.event_type, event.user_id, event.details) for event in house.events.records]


def test_get(house: House, ada: User) -> None:
    """An account is found by its id, and by its address as a person types it."""
    for text in (ada.id, EMAIL, f" {EMAIL.upper()} "):
        found = house.directory.get(text)
        assert found is not None
        assert found.user == ada
    for text in ("nobody", "nobody@example.com", "", "%"):
        assert house.directory.get(text) is None


def test_find(house: House, admin: User, ada: User) -> None:
    """Accounts are found by pages; a text that is part of nothing is not even asked for."""
    assert [item.user for item in house.directory.find(UserQuery("ADA@")).users] == [ada]
    page = house.directory.find(UserQuery(limit=1, descending=True))
    assert ([item.user for item in page.users], page.total) == ([admin], 2)
    house.users.reset()
    assert house.directory.find(UserQuery("x" * 10_000)).total == 0
    assert house.users.calls == []


def test_set_roles(house: House, admin: User, ada: User) -> None:
    """A user has the given roles and no others; the event says what they were, and by whom."""
    assert house.directory.set_roles(ada.id, [" b ", "a", "a"], by=admin.id)
    assert house.users.get(ada.id).user.roles == ("a", "b")
    details = {"before": "editor", "after": "a, b", "by": admin.id}
    assert events(house)[-1] == ("roles_changed", ada.id, details)
    assert house.directory.set_roles(ada.id, [])
    assert house.users.get(ada.id).user.roles == ()
    assert "by" not in events(house)[-1][2]


@pytest.mark.parametrize(
    "role", ["", "  ", "a,b", "a\nb", "a\0", "\x1b[2J", "\u202eadmin", "x" * 51]
)
def test_what_no_role_is_called(house: House, ada: User, role: str) -> None:
    """A name that can't be shown, or told from two, is refused everywhere; nothing changes."""
    before = house.users.get(ada.id)
    for way in (
        lambda: house.directory.set_roles(ada.id, ["editor", role]),
        lambda: house.invitations.create("new@example.com", roles=[role]),
        lambda: house.accounts.register("new@example.com", PASSWORD, roles=[role]),
    ):
        with pytest.raises(InvalidRole):
            way()
    assert house.users.get(ada.id) == before
    assert house.directory.get("new@example.com") is None


def test_disable_and_enable(house: House, admin: User, ada: User) -> None:
    """Who is disabled is signed out and can't sign in; what has ended stays ended."""
    text = house.sessions.issue(house.sign_in(ada)).text
    assert house.directory.disable(ada.id, by=admin.id)
    assert events(house)[-1] == ("user_disabled", ada.id, {"by": admin.id})
    with pytest.raises(InvalidCredentials):
        house.accounts.authenticate(EMAIL, PASSWORD)
    assert house.directory.enable(ada.id, by=admin.id)
    assert events(house)[-2:][1] == ("user_enabled", ada.id, {"by": admin.id})
    with pytest.raises(InvalidToken):
        house.sessions.resume(text)
    house.accounts.authenticate(EMAIL, PASSWORD)


def test_delete(house: House, admin: User, ada: User) -> None:
    """An account goes with its sign-ins."""
    house.sign_in(ada)
    assert house.directory.delete(ada.id, by=admin.id)
    assert house.directory.get(ada.id) is None
    assert house.tokens.list_sessions(ada.id) == []
    assert events(house)[-1] == ("user_deleted", ada.id, {"by": admin.id})


def test_sign_out(house: House, admin: User, ada: User) -> None:
    """Every sign-in of a user ends, and of nobody else; how many is told."""
    kept = house.sign_in(admin)
    for _ in range(3):
        session = house.sign_in(ada)
        house.sessions.hand_off(session, ada.id, browser="browser")
    assert house.directory.sign_out(ada.id, by=admin.id) == 3
    assert house.directory.sign_out(ada.id) == 0
    assert events(house)[-2] == ("sessions_revoked", ada.id, {"by": admin.id})
    assert house.sessions.resume_session(kept).user == admin


def test_end_session(house: House, admin: User, ada: User) -> None:
    """One sign-in ends, and no other."""
    one, other = house.sign_in(ada), house.sign_in(ada)
    assert house.directory.end_session(one, by=admin.id)
    assert not house.directory.end_session(one, by=admin.id)
    assert events(house)[-1] == ("sessions_revoked", ada.id, {"by": admin.id})
    assert [session.id for session in house.sessions.live(ada.id)] == [other]


def test_reset_by_hand(house: House, admin: User, ada: User) -> None:
    """Without mail the link is handed over; it sets a password once, and the old one counted."""
    started = house.directory.start_reset(ada.id, by=admin.id)
    assert started is not None
    assert events(house)[-1] == ("password_reset_asked", ada.id, {"by": admin.id})
    house.accounts.authenticate(EMAIL, PASSWORD)
    assert started.link == f"https://app.example.com/?persistauth_reset={started.token}"
    assert str(started.token) not in repr(started)
    assert house.resets.reset(started.token or "", "another-Kettle-94").id == ada.id


def test_reset_by_mail() -> None:
    """Where mail is set up the link goes to its owner, and nobody else sees it."""
    postman = Postman()
    house = House(mailer=postman)
    user = house.add_user()
    started = house.directory.start_reset(user.id)
    assert (started.token, started.link) == (None, None) if started else False
    (letter,) = postman.sent
    assert letter["To"] == EMAIL
    assert "persistauth_reset=" in letter.get_content()


def test_no_reset(house: House, ada: User) -> None:
    """Who can't sign in, or has never chosen a password, gets no reset."""
    house.invitations.create("new@example.com")
    invited = house.directory.get("new@example.com")
    assert invited is not None
    assert house.directory.start_reset(invited.user.id) is None
    house.directory.disable(ada.id)
    assert house.directory.start_reset(ada.id) is None
    assert house.directory.start_reset("nobody") is None


def test_nobody(house: House) -> None:
    """Changing somebody who is not there says so, and is no event."""
    directory, before = house.directory, len(house.events.records)
    assert not directory.set_roles("nobody", ["admin"])
    assert not any(
        directory_way("nobody")
        for directory_way in (directory.disable, directory.enable, directory.delete)
    )
    assert not directory.end_session("nobody")
    assert len(house.events.records) == before


@pytest.mark.parametrize("way", TAKING)
def test_last_admin(house: House, admin: User, ada: User, way: str) -> None:
    """The last active administrator stays; those who can't sign in don't count as another."""
    house.directory.set_roles(ada.id, ["admin", "Admin"])
    for changes in ({"is_active": False}, {"pending": Pending.CONFIRMATION}, {"roles": ("Admin",)}):
        before = house.users.get(ada.id)
        house.change_user(ada.id, **changes)
        with pytest.raises(LastAdmin):
            take(house.directory, way, admin.id)
        user = before.user
        house.change_user(ada.id, is_active=True, pending=None, roles=user.roles)
    stored = house.users.get(admin.id)
    assert (stored.user.roles, stored.user.is_active) == (("admin",), True)
    assert take(house.directory, way, admin.id)
    assert not house.directory.is_admin(admin.id)


def test_more_roles_for_the_last_admin(house: House, admin: User) -> None:
    """The last administrator may get other roles beside this one."""
    assert house.directory.set_roles(admin.id, ["admin", "editor"])


@pytest.mark.parametrize("way", TAKING)
def test_last_admin_at_once(way: str) -> None:
    """Of two administrators who are taken away at the same moment, one stays."""
    house = House()
    for number in range(10):
        pair = [house.add_user(f"{name}{number}@example.com", roles=("admin",)) for name in "ab"]

        def taking(user: User) -> Callable[[], str]:
            def run() -> str:
                try:
                    take(house.directory, way, user.id)
                except LastAdmin as refusal:
                    return refusal.code
                return "done"

            return run

        assert sorted(at_once(*map(taking, pair))) == ["done", "last_admin"]
        (left,) = house.directory.find(UserQuery(role="admin", status="active")).users
        house.change_user(left.user.id, roles=())


def test_each_other_at_once() -> None:
    """Of two administrators who take each other's role at the same moment, one succeeds."""
    house = House()
    for number in range(10):
        ada, bob = [
            house.add_user(f"{name}{number}@example.com", roles=("admin",)) for name in "ab"
        ]

        def demote(by: User, user: User) -> str:
            try:
                house.directory.set_roles(user.id, [], by=by.id)
            except NotAllowed as refusal:
                return refusal.code
            return "done"

        outcomes = at_once(lambda: demote(ada, bob), lambda: demote(bob, ada))  # noqa: B023 - run here
        assert sorted(outcomes) == ["done", "not_allowed"]
        (left,) = house.directory.find(UserQuery(role="admin", status="active")).users
        house.change_user(left.user.id, roles=())


@pytest.mark.parametrize("changes", [{"roles": ()}, {"is_active": False}])
def test_who_is_no_admin(house: House, admin: User, ada: User, changes: dict[str, object]) -> None:
    """Who acts has to be an active administrator in the store at that moment, for everything."""
    house.directory.set_roles(ada.id, ["admin"])
    before = house.users.get(admin.id)
    session = house.sign_in(admin)
    house.change_user(ada.id, **changes)
    directory, by = house.directory, {"by": ada.id}
    for way in (
        lambda: directory.set_roles(admin.id, [], **by),
        lambda: directory.disable(admin.id, **by),
        lambda: directory.enable(admin.id, **by),
        lambda: directory.delete(admin.id, **by),
        lambda: directory.sign_out(admin.id, **by),
        lambda: directory.end_session(session, **by),
        lambda: directory.start_reset(admin.id, **by),
    ):
        with pytest.raises(NotAllowed):
            way()
        assert events(house)[-1] == ("access_denied", ada.id, {"needed": "admin"})
    assert house.users.get(admin.id) == before
    assert house.sessions.resume_session(session).user == admin


@pytest.mark.parametrize("way", TAKING)
def test_store_that_fails(house: House, admin: User, ada: User, way: str) -> None:
    """Where a store can't say who else is an administrator, nobody is taken away."""
    house.directory.set_roles(ada.id, ["admin"])
    for fail_at in range(2):
        house.users.reset(fail_at=fail_at)
        with pytest.raises(StoreError):
            take(house.directory, way, ada.id)
        house.users.reset()
        assert house.directory.is_admin(ada.id)
    house.tokens.reset(fail_at=1)
    with pytest.raises(StoreError):
        take(house.directory, way, ada.id)
    house.tokens.reset()
    assert house.directory.is_admin(ada.id)


def test_turn_of_a_process_that_died(house: House, admin: User, ada: User) -> None:
    """Others wait for a turn that nobody gives back, and have theirs when it is over."""
    waited: list[float] = []
    turns = Turns(house.tokens, clock=house.clock, wait=waited.append)
    directory = Directory(
        house.users,
        house.tokens,
        house.resets,
        house.recorder,
        turns=turns,
    )
    dead = turns.taken(TURN)
    dead.__enter__()
    with pytest.raises(StoreError):
        directory.disable(ada.id)
    assert sum(waited) >= 10
    assert house.users.get(ada.id).user.is_active
    house.clock.now += LEASE
    assert directory.disable(ada.id)
    dead.__exit__(None, None, None)


def test_late_return_of_a_turn(clock: MovableClock) -> None:
    """Who comes back after the turn was over gives back nobody else's."""
    house = House(clock=clock)
    late, other = house.turns.taken("x"), house.turns.taken("x")
    late.__enter__()
    clock.now += LEASE + timedelta(seconds=1)
    other.__enter__()
    late.__exit__(None, None, None)
    waiting = Turns(house.tokens, clock=clock, wait=lambda _: None)
    with pytest.raises(AuthError), waiting.taken("x"):
        pass
    other.__exit__(None, None, None)
    with waiting.taken("x"):
        pass
