"""The panel of an administrator, and nobody else's."""

import re
from contextlib import suppress
from datetime import timedelta

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.mailserver import MailServer
from tests.support.naughty import TEXTS
from tests.support.page import Page
from tests.ui.conftest import SQL

from streamlit_persistauth import Authenticator, NotAllowed, StoreError, User
from streamlit_persistauth.core.audit.events import EventType
from streamlit_persistauth.core.storage.queries import EventQuery
from streamlit_persistauth.models import Client
from streamlit_persistauth.signin.reauthentication import Reauthentication
from streamlit_persistauth.testing import widget_key
from streamlit_persistauth.testing.rows import person
from streamlit_persistauth.ui.event_list import event_name
from streamlit_persistauth.ui.translator import Translator
from streamlit_persistauth.views.admin_charts import count_devices
from streamlit_persistauth.views.admin_events import export
from streamlit_persistauth.views.panel import Panel
from streamlit_persistauth.wiring.services import Services

ROOT = "root@example.com"
DENIED = "You are not allowed to see this page."
LAST = "This is the last active administrator. Make another user an administrator first."


def opened(*, by: str = ROOT) -> Page:
    """Sign in and see the panel."""
    return Page.signed_in(scripts.administration, by)


def managed(email: str) -> Page:
    """Sign in as the administrator and see the dialog of an account."""
    return Page.signed_in(scripts.managing, ROOT, email=email)


def show(page: Page, section: str) -> Page:
    """Turn to a section."""
    page.test.button_group(key=widget_key("panel:admin:section")).set_value(section)
    return page.run()


def latest(services: Services) -> tuple[str, str | None, dict[str, str]]:
    """Return the latest event."""
    (event,) = services.event_log.find(EventQuery(limit=1))
    return event.event_type, event.user_id, event.details


def captions(page: Page) -> list[str]:
    """Return the small print."""
    small = re.compile(r":small\[(.*)]")
    return [found[1] for item in page.test.markdown if (found := small.fullmatch(item.value))]


def test_for_admins_alone(root: User, ada: User, services: Services) -> None:
    """Somebody without the role sees one sentence and nothing of the panel, and it is an event."""
    page = opened(by=EMAIL)
    assert page.errors == [DENIED]
    assert "Invite user" not in page.buttons
    assert page.test.button_group == []
    assert latest(services) == ("access_denied", ada.id, {"needed": "admin"})


def test_for_nobody(app: object, services: Services) -> None:
    """Who is not signed in sees no more."""
    page = Page(scripts.unguarded_administration)
    assert page.errors == [DENIED]
    assert page.buttons == []
    assert latest(services)[0] == "access_denied"


@pytest.mark.parametrize("change", ["roles = '[]'", "roles = '[\"Admin\"]'"])
def test_role_that_is_taken(root: User, sql: SQL, change: str) -> None:
    """Whose role has been taken sees nothing more at the next run, whatever they press."""
    page = opened()
    assert "Invite user" in page.buttons
    sql(f"UPDATE users SET {change} WHERE email = ?", ROOT)
    page.press("Invite user")
    assert page.errors == [DENIED]
    assert page.test.button_group == []


def test_users(root: User, ada: User, services: Services) -> None:
    """Accounts are found by text and status, a page at a time."""
    for number in range(30):
        services.users.add(person(f"p{number:02}@example.org", f"Person {number}"))
    page = opened()
    assert "32 users" in captions(page)
    assert page.buttons.count("Manage") == 20
    (following,) = [item for item in page.test.button if item.help == "Next page"]
    following.click()
    page.run()
    assert page.buttons.count("Manage") == 12
    page.fill(Search="PERSON 7").run()
    assert [text for text in captions(page) if "user" in text and "@" not in text] == ["1 user"]
    assert any("p07" in text for text in captions(page))
    page.fill(Search="% nobody").run()
    assert [item.value for item in page.test.info] == ["No users match."]
    page.fill(Search="")
    (status,) = [item for item in page.test.selectbox if item.label == "Status"]
    status.select("disabled")
    assert "0 users" in captions(page.run())
    assert page.exceptions == []


def test_names_are_text(root: User, services: Services, sql: SQL) -> None:
    """Whatever people and roles are called, the panel draws it, and draws it as text."""
    for number, text in enumerate(TEXTS):
        with suppress(StoreError):  # what no database can hold
            services.users.add(person(f"p{number}@example.org", text[:200], roles=(text[:50],)))
    sql("UPDATE users SET full_name = ? WHERE email = 'p0@example.org'", "x" * 10_000)
    page = opened()
    assert page.exceptions == []
    assert not any("<script>" in item.value for item in page.test.markdown if not item.allow_html)
    assert "x" * 200 not in page.words


@pytest.mark.parametrize("section", ["sessions", "events", "charts"])
def test_sections(root: User, ada: User, section: str) -> None:
    """Each section is drawn."""
    Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    page = show(opened(), section)
    assert page.exceptions == []
    assert page.errors == []
    assert page.test.button_group(key=widget_key("panel:admin:section")).value == section


def test_live_sessions(root: User, ada: User) -> None:
    """Sign-ins of all users are listed, one's own marked."""
    Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    page = show(opened(), "sessions")
    assert "2 active sessions" in captions(page)
    assert page.buttons.count("Sign out") == 2
    assert [item.value for item in page.test.markdown].count(":green-badge[You]") == 1


def test_events_of_somebody(root: User, ada: User) -> None:
    """Events are found by an address; the table names people by theirs."""
    Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    page = show(opened(), "events")
    page.fill(User=EMAIL).run()
    (table,) = page.test.dataframe
    assert set(table.value["User"]) == {EMAIL}
    assert list(table.value["Type"]) == ["Signed in", "Account created"]
    page.fill(User="nobody@example.com").run()
    assert [item.value for item in page.test.info] == ["No events match."]


def test_store_that_fails(root: User, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that does not answer is said in one sentence."""
    page = opened()

    def fail(_query: object) -> None:
        raise StoreError("SELECT canary")

    monkeypatch.setattr(services.users, "page", fail)
    page.run()
    assert page.errors == ["Sign-in is unavailable right now. Please try again later."]
    assert page.exceptions == []


def test_roles(root: User, ada: User, services: Services) -> None:
    """Roles are typed with commas between them; what no role is called is said."""
    page = managed(EMAIL)
    page.fill(Roles=" editor, , b ").press("Save roles")
    found = services.users.get(ada.id)
    assert found is not None
    assert found.user.roles == ("b", "editor")
    details = {"before": "", "after": "b, editor", "by": root.id}
    assert latest(services) == ("roles_changed", ada.id, details)
    page.fill(Roles="x" * 51).press("Save roles")
    assert page.errors == ["A role can be at most 50 characters long."]


def test_own_role(root: User, ada: User, services: Services) -> None:
    """Nobody takes the role from themselves, nor disables or deletes themselves, by accident."""
    services.user_admin.set_roles(ada.id, ["admin"])
    page = managed(ROOT)
    assert not {"Disable account", "Delete account"} & set(page.buttons)
    page.fill(Roles="editor").press("Save roles")
    assert page.errors == [
        "You can't remove your own administrator role. Ask another administrator."
    ]
    assert services.user_admin.is_admin(root.id)


@pytest.mark.runner
@pytest.mark.parametrize(
    ("button", "event"),
    [
        ("Disable account", "user_disabled"),
        ("Delete account", "user_deleted"),
        ("Sign out everywhere", "sessions_revoked"),
    ],
)
def test_what_hurts(root: User, ada: User, services: Services, button: str, event: str) -> None:
    """What hurts is asked about first, and then done, by name."""
    other = Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    page = managed(EMAIL).press(button)
    assert latest(services)[0] != event
    assert other.run().texts == ["secret of Ada"]
    page.press("Cancel")
    assert latest(services)[0] != event
    page.press(button).press(button)
    assert latest(services) == (event, ada.id, {"by": root.id})
    assert other.run().texts == []


def test_enable(root: User, ada: User, services: Services) -> None:
    """Who was disabled is enabled again."""
    services.user_admin.disable(ada.id)
    managed(EMAIL).press("Enable account")
    assert latest(services) == ("user_enabled", ada.id, {"by": root.id})


@pytest.mark.runner
def test_role_that_is_taken_in_a_dialog(
    root: User, ada: User, services: Services, sql: SQL
) -> None:
    """A dialog that is open does nothing more for who is no administrator any longer."""
    page = managed(EMAIL).press("Delete account")
    sql("UPDATE users SET roles = '[]' WHERE email = ?", ROOT)
    page.press("Delete account")
    assert page.errors == [DENIED]
    assert services.users.get(ada.id) is not None


@pytest.mark.runner
def test_last_admin(
    root: User, ada: User, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where another one was taken away at the same moment, the last one stays; the page says so."""
    services.user_admin.set_roles(ada.id, ["admin"])
    page = managed(EMAIL).press("Disable account")
    authorise = services.user_admin._authorise

    def overtaken(by: str | None) -> None:
        authorise(by)
        services.users.update(root.id, {"roles": ()})

    monkeypatch.setattr(services.user_admin, "_authorise", overtaken)
    page.press("Disable account")
    assert page.errors == [LAST]
    assert services.user_admin.is_admin(ada.id)


def test_reset_by_hand(root: User, ada: User, services: Services) -> None:
    """Without mail the token is shown, to be handed over; it sets a password."""
    page = managed(EMAIL).press("Create reset link")
    (code,) = page.test.code
    services.resets.reset(code.value, "another-Kettle-94")
    services.accounts.authenticate(EMAIL, "another-Kettle-94")


def test_reset_by_mail(root: User, ada: User, services: Services, mail: MailServer) -> None:
    """Where mail is set up, the link goes to its owner alone."""
    page = managed(EMAIL).press("Send reset link")
    assert page.test.code == []
    assert page.exceptions == []


def test_invite(root: User, services: Services) -> None:
    """Somebody is invited with roles; what is wrong is said and loses nothing."""
    page = Page.signed_in(scripts.inviting, ROOT)
    page.fill(Email="new", Full_name="New", Roles="editor").press("Invite")
    assert page.errors == ["Please enter a valid email address."]
    page.fill(Email="new@example.com").press("Invite")
    (code,) = page.test.code
    invited = services.user_admin.get("new@example.com")
    assert invited is not None
    assert (invited.user.roles, invited.user.full_name) == (("editor",), "New")
    assert latest(services) == ("invited", invited.user.id, {"by": root.id})
    services.invitations.accept(code.value, PASSWORD)


def test_export(root: User, ada: User, services: Services, sql: SQL) -> None:
    """A file is made for who is an administrator and signed in at that moment, and is an event."""
    opened()
    (session,) = services.sessions.live(root.id)
    current_user = Authenticator()._current_user

    def within(max_age: timedelta | None) -> Panel:
        limit = Reauthentication(max_age, services.clock)
        return Panel(services, current_user, limit, for_admins=True)

    text = export(within(None), session, EventQuery(limit=10)).decode("utf-8-sig")
    assert text.startswith("created_at,event_type,")
    assert '"registered"' in text
    assert latest(services)[:2] == ("events_exported", root.id)
    with pytest.raises(NotAllowed):
        export(within(timedelta()), session, EventQuery())
    export(within(timedelta(hours=1)), session, EventQuery())
    sql("UPDATE users SET roles = '[]'")
    with pytest.raises(NotAllowed):
        export(within(None), session, EventQuery())
    sql("UPDATE users SET roles = '[\"admin\"]'")
    services.sessions.end(session.id)
    with pytest.raises(NotAllowed):
        export(within(None), session, EventQuery())


def test_kinds_of_events() -> None:
    """Every kind of event has a name, and another one than the others; the rest is text."""
    say = Translator()
    names = [event_name(kind.value, say) for kind in EventType]
    assert len(set(names)) == len(names)
    assert not any("_" in name for name in names)
    assert event_name("an_app's\nown", say) == "an_app's own"


def test_role_that_is_asked_for(root: User, ada: User) -> None:
    """Users are found by a role."""
    page = opened().fill(Role="admin").run()
    assert "1 user" in captions(page)
    page.fill(Role="adm").run()
    assert "0 users" in captions(page)


def test_live_sessions_by_device(root: User, ada: User, services: Services) -> None:
    """The chart counts sign-ins by browser and system, whatever else their browsers say."""
    for version in ("130", "131"):
        agent = f"Mozilla/5.0 (Windows NT 10.0; rv:{version}.0) Firefox/{version}.0"
        record = services.users.get(ada.id)
        assert record is not None
        services.sessions.start(record, remember=True, client=Client("203.0.113.1", agent))
    page = opened()
    shown = count_devices(services, Translator())
    assert shown == [("Firefox on Windows", 2), ("Unknown device", 1)]
    titles = [item.value for item in show(page, "charts").test.markdown]
    assert "**Active sessions by device**" in titles


def test_throttled_addresses(root: User, services: Services) -> None:
    """All addresses that had to wait are counted, not only those that are shown."""
    for number in range(12):
        services.events.record(EventType.THROTTLED, client=Client(f"203.0.113.{number}"))
    page = show(opened(), "charts")
    counts = {item.label: item.value for item in page.test.metric}
    assert counts["Throttled IP addresses"] == "12"
