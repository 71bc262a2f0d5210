"""The admin panel's dialog that invites a user."""

from tests.support import scripts
from tests.support.core_app import PASSWORD
from tests.support.page import Page
from tests.views.admin import ROOT, latest

from streamlit_persistauth import User
from streamlit_persistauth.wiring.services import Services


def test_invite(root: User, services: Services) -> None:
    """A user is invited with roles; a rejected form keeps the typed texts."""
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
