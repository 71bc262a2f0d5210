"""The admin panel's dialog that manages one account."""

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.mailserver import MailServer
from tests.support.page import Page
from tests.views.admin import DENIED, ROOT, latest, managed
from tests.views.conftest import SQL

from streamlit_persistauth import User
from streamlit_persistauth.wiring.services import Services

LAST = "This is the last active administrator. Make another user an administrator first."


def test_roles(root: User, ada: User, services: Services) -> None:
    """Roles are separated by commas, and an invalid role is rejected."""
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
    """An administrator can't remove their own role, or disable or delete their own account."""
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
    """A destructive action needs confirmation, and its event names the administrator."""
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
    """A disabled account can be enabled again."""
    services.user_admin.disable(ada.id)
    managed(EMAIL).press("Enable account")
    assert latest(services) == ("user_enabled", ada.id, {"by": root.id})


@pytest.mark.runner
def test_role_that_is_taken_in_a_dialog(
    root: User, ada: User, services: Services, sql: SQL
) -> None:
    """An open dialog does nothing for a user who has lost the role."""
    page = managed(EMAIL).press("Delete account")
    sql("UPDATE users SET roles = '[]' WHERE email = ?", ROOT)
    page.press("Delete account")
    assert page.errors == [DENIED]
    assert page.buttons == []
    assert services.users.get(ada.id) is not None


def test_dialog_of_another_administrator(root: User, ada: User) -> None:
    """A dialog that another administrator opened on this page draws nothing."""
    page = Page.signed_in(scripts.managing, ROOT, email=EMAIL, opened_by=ada.id)
    assert page.exceptions == []
    assert page.errors == page.buttons == page.fields == []


@pytest.mark.runner
def test_last_admin(
    root: User, ada: User, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last administrator can't be disabled, also if another one lost the role meanwhile."""
    services.user_admin.set_roles(ada.id, ["admin"])
    page = managed(EMAIL).press("Disable account")
    authorise = services.user_admin._authorise

    def overtaken(by: str | None) -> None:
        authorise(by)
        services.users.update(root.id, {"roles": ()})

    monkeypatch.setitem(vars(services.user_admin), "_authorise", overtaken)
    page.press("Disable account")
    assert page.errors == [LAST]
    assert services.user_admin.is_admin(ada.id)


def test_reset_by_hand(root: User, ada: User, services: Services) -> None:
    """Without mail the dialog shows a token, which sets a new password."""
    page = managed(EMAIL).press("Create reset link")
    (code,) = page.test.code
    services.resets.reset(code.value, "another-Kettle-94")
    services.accounts.authenticate(EMAIL, "another-Kettle-94")


def test_reset_by_mail(root: User, ada: User, services: Services, mail: MailServer) -> None:
    """With mail the link is sent to the user and not shown to the administrator."""
    page = managed(EMAIL).press("Send reset link")
    assert page.test.code == []
    assert page.exceptions == []
