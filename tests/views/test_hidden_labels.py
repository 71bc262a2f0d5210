"""An empty label hides its text; the greeting can be switched off."""

import pytest
from streamlit.proto.LabelVisibility_pb2 import LabelVisibility
from tests.support import scripts
from tests.support.catalogue import Source
from tests.support.core_app import EMAIL
from tests.support.page import Page

from streamlit_persistauth import User
from streamlit_persistauth.runtime.state_keys import STATE_KEY
from streamlit_persistauth.wiring.services import Services

NOTHING = dict.fromkeys(sorted(Source.of_package().wanted), "")
"""Every text, hidden."""


def come_back(services: Services, labels: dict[str, str] | None = None) -> Page:
    """Open the page of a user whose browser has kept the credential."""
    page = Page.signed_in(scripts.everything, EMAIL, labels=labels)
    page.test.session_state[STATE_KEY].visits[services.cookies.name].welcomed = "another sign-in"
    return page.run()


def test_greeting(ada: User, services: Services) -> None:
    """A user who comes back is greeted."""
    assert [toast.value for toast in come_back(services).test.toast] == ["Welcome back!"]


def test_greeting_off(ada: User, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """With PERSISTAUTH_WELCOME=off, or an empty label, there is no greeting."""
    page = come_back(services, {"Welcome back!": ""})
    assert (list(page.test.toast), page.exceptions) == ([], [])
    monkeypatch.setenv("PERSISTAUTH_WELCOME", "off")
    page = come_back(services)
    assert (list(page.test.toast), page.exceptions) == ([], [])


def test_sign_in_page(ada: User) -> None:
    """With all texts hidden, fields and button keep their names for screen readers."""
    page = Page(scripts.everything, labels=NOTHING)
    assert page.exceptions == []
    assert page.fields == ["Email", "Password"]
    hidden = LabelVisibility.COLLAPSED
    assert [it.proto.label_visibility.value for it in page.test.text_input] == [hidden, hidden]
    assert page.buttons == ["Sign in"]
    assert list(page.test.subheader) == []
    page.sign_in(EMAIL, "wrong")
    assert (page.errors, page.exceptions) == ([], [])


def test_links_and_hints_go(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link with an empty text is not drawn, and its form is not shown at once."""
    link = "Create the first account"
    assert link in Page(scripts.everything).press("Back to sign in").buttons
    assert Page(scripts.everything, labels={link: ""}).buttons == ["Sign in"]


def test_panels(root: User) -> None:
    """With all texts hidden, the menu and the panels are drawn without an exception."""
    page = Page.signed_in(scripts.everything, root.email, labels=NOTHING)
    assert page.exceptions == []
    assert "Log out" not in page.buttons
    shown = [*page.test.error, *page.test.info, *page.test.warning, *page.test.toast]
    assert [item.value for item in shown if not item.value] == []
    for section in ("sessions", "events", "charts"):
        page.test.button_group[0].set_value(section)
        assert page.run().exceptions == []


def test_one_panel(ada: User) -> None:
    """Labels of one panel hide a text in that panel only."""
    page = Page.signed_in(scripts.two_buttons, EMAIL)
    assert page.buttons == ["Log out"]
