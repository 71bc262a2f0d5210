"""The admin panel: who may see it, and its sections."""

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.views.admin import DENIED, ROOT, latest, opened, show
from tests.views.conftest import SQL

from streamlit_persistauth import StoreError, User
from streamlit_persistauth.testing import widget_key
from streamlit_persistauth.wiring.services import Services


def test_for_admins_alone(root: User, ada: User, services: Services) -> None:
    """A user without the role sees one sentence instead of the panel, and an event is recorded."""
    page = opened(by=EMAIL)
    assert page.errors == [DENIED]
    assert "Invite user" not in page.buttons
    assert page.test.button_group == []
    assert latest(services) == ("access_denied", ada.id, {"needed": "admin"})


def test_for_nobody(app: object, services: Services) -> None:
    """A signed-out user sees the same sentence."""
    page = Page(scripts.unguarded_administration)
    assert page.errors == [DENIED]
    assert page.buttons == []
    assert latest(services)[0] == "access_denied"


@pytest.mark.parametrize("change", ["roles = '[]'", "roles = '[\"Admin\"]'"])
def test_role_that_is_taken(root: User, sql: SQL, change: str) -> None:
    """An administrator who loses the role sees nothing of the panel at the next run."""
    page = opened()
    assert "Invite user" in page.buttons
    sql(f"UPDATE users SET {change} WHERE email = ?", ROOT)
    page.press("Invite user")
    assert page.errors == [DENIED]
    assert page.test.button_group == []


@pytest.mark.parametrize("section", ["sessions", "events", "charts"])
def test_sections(root: User, ada: User, section: str) -> None:
    """Each section is drawn."""
    Page(scripts.guarded).sign_in(EMAIL, PASSWORD)
    page = show(opened(), section)
    assert page.exceptions == []
    assert page.errors == []
    assert page.test.button_group(key=widget_key("panel:admin:section")).value == section


def test_store_that_fails(root: User, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the store does not answer, the panel shows one sentence."""
    page = opened()

    def fail(_query: object) -> None:
        raise StoreError("SELECT canary")

    monkeypatch.setattr(services.users, "page", fail)
    page.run()
    assert page.errors == ["Sign-in is unavailable right now. Please try again later."]
    assert page.exceptions == []
