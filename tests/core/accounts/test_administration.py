"""The administration of accounts, and the changes that are rejected."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from tests.support.clock import MovableClock
from tests.support.core_app import EMAIL, PASSWORD, CoreApp
from tests.support.fake_mailer import FakeMailer

from streamlit_persistauth.core.accounts.administration import ADMIN_LOCK, UserAdmin
from streamlit_persistauth.core.storage.locks import LEASE, LeaseLock
from streamlit_persistauth.core.storage.queries import UserQuery
from streamlit_persistauth.core.storage.records import Pending
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
def core() -> CoreApp:
    """An app."""
    return CoreApp()


@pytest.fixture
def admin(core: CoreApp) -> User:
    """An administrator."""
    return core.add_user("admin@example.com", roles=("admin",))


@pytest.fixture
def ada(core: CoreApp, admin: User) -> User:
    """A user without roles."""
    return core.add_user(EMAIL, roles=("editor",))


def take(user_admin: UserAdmin, way: str, user_id: str, by: str | None = None) -> object:
    """Remove an administrator."""
    if way == "set_roles":
        return user_admin.set_roles(user_id, ["editor"], by=by)
    return getattr(user_admin, way)(user_id, by=by)


def events(core: CoreApp) -> list[tuple[str, str | None, dict[str, str]]]:
    """Return the type, user and details of the recorded events."""
    return [(event.event_type, event.user_id, event.details) for event in core.events.records]


def test_get(core: CoreApp, ada: User) -> None:
    """An account is found by its id and by its address as entered."""
    for text in (ada.id, EMAIL, f" {EMAIL.upper()} "):
        record = core.user_admin.get(text)
        assert record is not None
        assert record.user == ada
    for text in ("nobody", "nobody@example.com", "", "%"):
        assert core.user_admin.get(text) is None


def test_find(core: CoreApp, admin: User, ada: User) -> None:
    """Accounts are read page by page; a query that cannot match does not reach the store."""
    assert [item.user for item in core.user_admin.find(UserQuery("ADA@")).users] == [ada]
    page = core.user_admin.find(UserQuery(limit=1, descending=True))
    assert ([item.user for item in page.users], page.total) == ([admin], 2)
    core.users.reset()
    assert core.user_admin.find(UserQuery("x" * 10_000)).total == 0
    assert core.users.calls == []


def test_set_roles(core: CoreApp, admin: User, ada: User) -> None:
    """The user has exactly the given roles; the event has the former ones and the administrator."""
    assert core.user_admin.set_roles(ada.id, [" b ", "a", "a"], by=admin.id)
    assert core.users.get(ada.id).user.roles == ("a", "b")
    details = {"before": "editor", "after": "a, b", "by": admin.id}
    assert events(core)[-1] == ("roles_changed", ada.id, details)
    assert core.user_admin.set_roles(ada.id, [])
    assert core.users.get(ada.id).user.roles == ()
    assert "by" not in events(core)[-1][2]


@pytest.mark.parametrize(
    "role", ["", "  ", "a,b", "a\nb", "a\0", "\x1b[2J", "\u202eadmin", "x" * 51]
)
def test_what_no_role_is_called(core: CoreApp, ada: User, role: str) -> None:
    """A role that cannot be shown or is ambiguous is rejected everywhere, and nothing changes."""
    before = core.users.get(ada.id)
    for way in (
        lambda: core.user_admin.set_roles(ada.id, ["editor", role]),
        lambda: core.invitations.create("new@example.com", roles=[role]),
        lambda: core.accounts.register("new@example.com", PASSWORD, roles=[role]),
    ):
        with pytest.raises(InvalidRole):
            way()
    assert core.users.get(ada.id) == before
    assert core.user_admin.get("new@example.com") is None


def test_disable_and_enable(core: CoreApp, admin: User, ada: User) -> None:
    """A disabled user is signed out and cannot sign in; enabling restores no session."""
    text = core.sessions.issue(core.sign_in(ada)).text
    assert core.user_admin.disable(ada.id, by=admin.id)
    assert events(core)[-1] == ("user_disabled", ada.id, {"by": admin.id})
    with pytest.raises(InvalidCredentials):
        core.accounts.authenticate(EMAIL, PASSWORD)
    assert core.user_admin.enable(ada.id, by=admin.id)
    assert events(core)[-2:][1] == ("user_enabled", ada.id, {"by": admin.id})
    with pytest.raises(InvalidToken):
        core.sessions.resume(text)
    core.accounts.authenticate(EMAIL, PASSWORD)


def test_delete(core: CoreApp, admin: User, ada: User) -> None:
    """An account is deleted with its sessions."""
    core.sign_in(ada)
    assert core.user_admin.delete(ada.id, by=admin.id)
    assert core.user_admin.get(ada.id) is None
    assert core.tokens.list_sessions(ada.id) == []
    assert events(core)[-1] == ("user_deleted", ada.id, {"by": admin.id})


def test_sign_out(core: CoreApp, admin: User, ada: User) -> None:
    """All sessions of one user are revoked, and their number is returned."""
    kept = core.sign_in(admin)
    for _ in range(3):
        session = core.sign_in(ada)
        core.sessions.hand_off(session, ada.id, browser="browser")
    assert core.user_admin.sign_out(ada.id, by=admin.id) == 3
    assert core.user_admin.sign_out(ada.id) == 0
    assert events(core)[-2] == ("sessions_revoked", ada.id, {"by": admin.id})
    assert core.sessions.resume_session(kept).user == admin


def test_end_session(core: CoreApp, admin: User, ada: User) -> None:
    """One session is revoked, and no other."""
    one, other = core.sign_in(ada), core.sign_in(ada)
    assert core.user_admin.end_session(one, by=admin.id)
    assert not core.user_admin.end_session(one, by=admin.id)
    assert events(core)[-1] == ("sessions_revoked", ada.id, {"by": admin.id})
    assert [session.id for session in core.sessions.live(ada.id)] == [other]


def test_reset_by_hand(core: CoreApp, admin: User, ada: User) -> None:
    """Without mail the link is returned; it sets a password once. The old one works until then."""
    started = core.user_admin.start_reset(ada.id, by=admin.id)
    assert started is not None
    assert events(core)[-1] == ("password_reset_requested", ada.id, {"by": admin.id})
    core.accounts.authenticate(EMAIL, PASSWORD)
    assert started.link == f"https://app.example.com/?persistauth_reset={started.token}"
    assert str(started.token) not in repr(started)
    assert core.resets.reset(started.token or "", "another-Kettle-94").id == ada.id


def test_reset_by_mail() -> None:
    """With mail the link is sent to the user and returned to no other."""
    mailer = FakeMailer()
    core = CoreApp(mailer=mailer)
    user = core.add_user()
    started = core.user_admin.start_reset(user.id)
    assert (started.token, started.link) == (None, None) if started else False
    (mail,) = mailer.sent
    assert mail["To"] == EMAIL
    assert "persistauth_reset=" in mail.get_content()


def test_no_reset(core: CoreApp, ada: User) -> None:
    """A user who cannot sign in, or never set a password, gets no reset."""
    core.invitations.create("new@example.com")
    invited = core.user_admin.get("new@example.com")
    assert invited is not None
    assert core.user_admin.start_reset(invited.user.id) is None
    core.user_admin.disable(ada.id)
    assert core.user_admin.start_reset(ada.id) is None
    assert core.user_admin.start_reset("nobody") is None


def test_nobody(core: CoreApp) -> None:
    """Changing an unknown user returns False and records no event."""
    user_admin, before = core.user_admin, len(core.events.records)
    assert not user_admin.set_roles("nobody", ["admin"])
    assert not any(
        directory_way("nobody")
        for directory_way in (user_admin.disable, user_admin.enable, user_admin.delete)
    )
    assert not user_admin.end_session("nobody")
    assert len(core.events.records) == before


@pytest.mark.parametrize("way", TAKING)
def test_last_admin(core: CoreApp, admin: User, ada: User, way: str) -> None:
    """The last active administrator cannot be removed; disabled and pending ones do not count."""
    core.user_admin.set_roles(ada.id, ["admin", "Admin"])
    for changes in ({"is_active": False}, {"pending": Pending.CONFIRMATION}, {"roles": ("Admin",)}):
        before = core.users.get(ada.id)
        core.change_user(ada.id, **changes)
        with pytest.raises(LastAdmin):
            take(core.user_admin, way, admin.id)
        user = before.user
        core.change_user(ada.id, is_active=True, pending=None, roles=user.roles)
    stored = core.users.get(admin.id)
    assert (stored.user.roles, stored.user.is_active) == (("admin",), True)
    assert take(core.user_admin, way, admin.id)
    assert not core.user_admin.is_admin(admin.id)


def test_more_roles_for_the_last_admin(core: CoreApp, admin: User) -> None:
    """The last administrator may get other roles in addition."""
    assert core.user_admin.set_roles(admin.id, ["admin", "editor"])


@pytest.mark.parametrize("way", TAKING)
def test_last_admin_at_once(way: str) -> None:
    """Of two administrators who are removed concurrently, one remains."""
    core = CoreApp()
    for number in range(10):
        pair = [core.add_user(f"{name}{number}@example.com", roles=("admin",)) for name in "ab"]

        def taking(user: User) -> Callable[[], str]:
            def run() -> str:
                try:
                    take(core.user_admin, way, user.id)
                except LastAdmin as refusal:
                    return refusal.code
                return "done"

            return run

        assert sorted(at_once(*map(taking, pair))) == ["done", "last_admin"]
        (left,) = core.user_admin.find(UserQuery(role="admin", status="active")).users
        core.change_user(left.user.id, roles=())


def test_each_other_at_once() -> None:
    """Of two administrators who demote each other concurrently, one succeeds."""
    core = CoreApp()
    for number in range(10):
        ada, bob = [core.add_user(f"{name}{number}@example.com", roles=("admin",)) for name in "ab"]

        def demote(by: User, user: User) -> str:
            try:
                core.user_admin.set_roles(user.id, [], by=by.id)
            except NotAllowed as refusal:
                return refusal.code
            return "done"

        outcomes = at_once(lambda: demote(ada, bob), lambda: demote(bob, ada))  # noqa: B023 - run here
        assert sorted(outcomes) == ["done", "not_allowed"]
        (left,) = core.user_admin.find(UserQuery(role="admin", status="active")).users
        core.change_user(left.user.id, roles=())


@pytest.mark.parametrize("changes", [{"roles": ()}, {"is_active": False}])
def test_who_is_no_admin(core: CoreApp, admin: User, ada: User, changes: dict[str, object]) -> None:
    """Every method requires that `by` is an active administrator in the store now."""
    core.user_admin.set_roles(ada.id, ["admin"])
    before = core.users.get(admin.id)
    session = core.sign_in(admin)
    core.change_user(ada.id, **changes)
    user_admin, by = core.user_admin, {"by": ada.id}
    for way in (
        lambda: user_admin.set_roles(admin.id, [], **by),
        lambda: user_admin.disable(admin.id, **by),
        lambda: user_admin.enable(admin.id, **by),
        lambda: user_admin.delete(admin.id, **by),
        lambda: user_admin.sign_out(admin.id, **by),
        lambda: user_admin.end_session(session, **by),
        lambda: user_admin.start_reset(admin.id, **by),
    ):
        with pytest.raises(NotAllowed):
            way()
        assert events(core)[-1] == ("access_denied", ada.id, {"needed": "admin"})
    assert core.users.get(admin.id) == before
    assert core.sessions.resume_session(session).user == admin


@pytest.mark.parametrize("way", TAKING)
def test_store_that_fails(core: CoreApp, admin: User, ada: User, way: str) -> None:
    """If the store cannot count the administrators, none is removed."""
    core.user_admin.set_roles(ada.id, ["admin"])
    for fail_at in range(2):
        core.users.reset(fail_at=fail_at)
        with pytest.raises(StoreError):
            take(core.user_admin, way, ada.id)
        core.users.reset()
        assert core.user_admin.is_admin(ada.id)
    core.tokens.reset(fail_at=1)
    with pytest.raises(StoreError):
        take(core.user_admin, way, ada.id)
    core.tokens.reset()
    assert core.user_admin.is_admin(ada.id)


def test_turn_of_a_process_that_died(core: CoreApp, admin: User, ada: User) -> None:
    """Other processes wait for an abandoned lock, and get it when it expires."""
    waited: list[float] = []
    leases = LeaseLock(core.tokens, clock=core.clock, wait=waited.append)
    user_admin = UserAdmin(
        core.users,
        core.tokens,
        core.resets,
        core.recorder,
        login_names=core.login_names,
        username_changes=core.username_changes,
        leases=leases,
    )
    dead = leases.taken(ADMIN_LOCK)
    dead.__enter__()
    with pytest.raises(StoreError):
        user_admin.disable(ada.id)
    assert sum(waited) >= 10
    assert core.users.get(ada.id).user.is_active
    core.clock.now += LEASE
    assert user_admin.disable(ada.id)
    dead.__exit__(None, None, None)


def test_late_return_of_a_turn(clock: MovableClock) -> None:
    """A holder who returns after the lock has expired does not release the next holder's lock."""
    core = CoreApp(clock=clock)
    late, other = core.leases.taken("x"), core.leases.taken("x")
    late.__enter__()
    clock.now += LEASE + timedelta(seconds=1)
    other.__enter__()
    late.__exit__(None, None, None)
    waiting = LeaseLock(core.tokens, clock=clock, wait=lambda _: None)
    with pytest.raises(AuthError), waiting.taken("x"):
        pass
    other.__exit__(None, None, None)
    with waiting.taken("x"):
        pass
