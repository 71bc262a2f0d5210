"""The account panel and the list of devices."""

import pytest
from streamlit.testing.v1 import AppTest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.page import Page
from tests.ui.conftest import SQL

from streamlit_persistauth import User
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.models import Client
from streamlit_persistauth.testing import widget_key
from streamlit_persistauth.ui.plain import plain
from streamlit_persistauth.wiring.services import Services

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
ADDRESS = "203.0.113.7"


def sign_in(services: Services, user: User, user_agent: str | None = IPHONE) -> str:
    """Begin a sign-in elsewhere; return its id."""
    owner = services.users.get(user.id)
    assert owner is not None
    return services.sessions.start(owner, remember=True, client=Client(ADDRESS, user_agent)).id


def opened(tab: str) -> Page:
    """Return Ada's account with one of its tabs chosen."""
    page = Page.signed_in(scripts.account, EMAIL)
    page.test.session_state[widget_key("persistauth:tabs")] = tab
    return page.run()


def said(test: AppTest) -> str:
    """Return all that is written in Markdown."""
    return "\n".join([item.value for item in (*test.markdown, *test.caption)])


def test_name(ada: User, sql: SQL) -> None:
    """A new name is there at once, and is an event."""
    page = opened("Profile")
    assert [field.value for field in page.test.text_input] == ["Ada"]
    page.fill(Full_name="Ada King").press("Change name")
    assert [item.value for item in page.test.success] == ["Your name was changed."]
    assert page.texts == ["signed in: Ada King"]
    assert sql("SELECT count(*) FROM auth_events WHERE event_type = 'profile_changed'") == [(1,)]


def test_refused_name(ada: User) -> None:
    """A name that can't be is said in one sentence, and what was typed is not lost."""
    page = opened("Profile").fill(Full_name="A" * 201).press("Change name")
    assert page.errors == ["The name can be at most 200 characters long."]
    assert [field.value for field in page.test.text_input] == ["A" * 201]
    assert page.texts == ["signed in: Ada"]


@pytest.mark.runner
def test_email(ada: User) -> None:
    """The address is shown, and changed for who knows the password."""
    page = opened("Email")
    page.fill(New_email="king@example.com", Current_password=PASSWORD).press("Change email")
    assert page.errors == page.exceptions == []
    assert "king" in said(page.test)


def test_password(ada: User) -> None:
    """The password is changed for who knows it, and this sign-in goes on."""
    page = opened("Password")
    new = "another-Kettle-94"
    page.fill(Current_password=PASSWORD, New_password=new, Confirm_new_password=new)
    page.press("Change password")
    assert page.errors == page.exceptions == []
    assert page.texts == ["signed in: Ada"]


def test_only_the_chosen_tab(ada: User) -> None:
    """What is not chosen is not drawn, and asks nothing of the store."""
    assert opened("Devices").fields == []
    assert "Sign out" not in opened("Email").buttons


@pytest.mark.parametrize("script", [scripts.account, scripts.devices])
def test_nobody(ada: User, script: object) -> None:
    """Who is not signed in sees neither."""
    page = Page(script)  # type: ignore[arg-type]
    assert page.fields == ["Email", "Password"]
    assert page.buttons == ["Sign in"]


def test_devices(ada: User, services: Services, sql: SQL) -> None:
    """Each device has a name, a time and a way out; this one is marked and stands first."""
    sign_in(services, ada)
    sql("UPDATE auth_tokens SET created_at = datetime(created_at, '-3 hours')")
    page = Page.signed_in(scripts.devices, EMAIL)
    assert [item.value for item in page.test.markdown] == [
        ":material/devices_other:",
        "**Unknown device** :green-badge[This device]",
        ":small[Last seen just now]  \n:small[Signed in just now]",
        ":material/smartphone:",
        "**Safari on iPhone**",
        ":small[Last seen 3 hours ago]  \n:small[Signed in 3 hours ago]",
    ]
    assert ADDRESS not in page.words
    assert page.buttons == ["Sign out", "Sign out", "Sign out everywhere else"]


def test_place(ada: User, services: Services) -> None:
    """Where a device is is said by the app's function, as text."""
    sign_in(services, ada)
    page = Page.signed_in(scripts.devices, EMAIL, place="*Paris* :smile:")
    assert page.test.markdown[-1].value.endswith(f":small[{plain('*Paris* :smile:')}]")


def test_place_that_fails(ada: User, services: Services) -> None:
    """A function that fails takes nothing away but the place."""
    sign_in(services, ada)
    page = Page.signed_in(scripts.devices, EMAIL, broken=True)
    assert page.exceptions == []
    assert page.test.markdown[-1].value.endswith(":small[Signed in just now]")


def test_sign_out_another(ada: User, services: Services, sql: SQL) -> None:
    """The button of a device ends that sign-in alone."""
    elsewhere = sign_in(services, ada)
    page = Page.signed_in(scripts.devices, EMAIL).press_last("Sign out")
    assert page.exceptions == []
    assert elsewhere not in services.sessions.find_live({elsewhere})
    assert page.texts == ["signed in: Ada"]
    assert page.buttons == ["Sign out"]
    kinds = sql("SELECT event_type, user_id FROM auth_events ORDER BY created_at DESC LIMIT 1")
    assert kinds == [("sessions_revoked", ada.id)]


def test_sign_out_here(ada: User, services: Services) -> None:
    """The button of this device is a log-out."""
    elsewhere = sign_in(services, ada)
    page = Page.signed_in(scripts.devices, EMAIL).press_first("Sign out")
    assert page.texts == ["signed in: None"]
    assert page.fields == ["Email", "Password"]
    assert services.sessions.find_live({elsewhere}) == {elsewhere}


def test_sign_out_everywhere_else(ada: User, services: Services) -> None:
    """One button ends all but this one."""
    for _ in range(3):
        sign_in(services, ada)
    page = Page.signed_in(scripts.devices, EMAIL).press("Sign out everywhere else")
    assert page.texts == ["signed in: Ada"]
    assert page.buttons == ["Sign out"]
    assert len(services.sessions.live(ada.id)) == 1


def test_only_own(ada: User, root: User, services: Services) -> None:
    """Nobody else's sign-in is listed or ended."""
    theirs = sign_in(services, root)
    page = Page.signed_in(scripts.devices, EMAIL)
    assert page.buttons == ["Sign out"]
    page.press("Sign out")
    assert services.sessions.find_live({theirs}) == {theirs}


def test_many(ada: User, services: Services) -> None:
    """A long list is cut, and says so."""
    for _ in range(27):
        sign_in(services, ada)
    page = Page.signed_in(scripts.devices, EMAIL)
    assert page.buttons.count("Sign out") == 25
    assert "3 more devices are not shown." in said(page.test)


def test_store_fails(ada: User, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that fails is said in one sentence, wherever it does."""

    def fail(*_: object, **__: object) -> None:
        raise StoreError("no such luck")

    sign_in(services, ada)
    page = Page.signed_in(scripts.devices, EMAIL)
    monkeypatch.setattr(services.sessions, "end_own", fail)
    page.press_last("Sign out")
    assert [item.value for item in page.test.toast] == [
        "Sign-in is unavailable right now. Please try again later."
    ]
    monkeypatch.setattr(services.sessions, "live", fail)
    page.run()
    assert page.errors == ["Sign-in is unavailable right now. Please try again later."]
    assert page.exceptions == []
