"""The admin panel's events."""

from datetime import timedelta

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.views.admin import latest, opened, show
from tests.views.conftest import SQL

from streamlit_persistauth import Authenticator, NotAllowed, User
from streamlit_persistauth.core.storage.queries import EventQuery
from streamlit_persistauth.signin.reauthentication import Reauthentication
from streamlit_persistauth.views.admin_events import export
from streamlit_persistauth.views.panel import Panel
from streamlit_persistauth.wiring.services import Services


def test_events_of_somebody(root: User, ada: User) -> None:
    """Events are filtered by an email address, and the table shows email addresses."""
    Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    page = show(opened(), "events")
    page.fill(User=EMAIL).run()
    (table,) = page.test.dataframe
    assert set(table.value["User"]) == {EMAIL}
    assert list(table.value["Type"]) == ["Signed in", "Account created"]
    page.fill(User="nobody@example.com").run()
    assert [item.value for item in page.test.info] == ["No events match."]


def test_export(root: User, ada: User, services: Services, sql: SQL) -> None:
    """Only a live, recent session of an administrator can export; the export is an event."""
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
