"""The list of devices."""

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL
from tests.support.page import Page
from tests.views.conftest import SQL
from tests.views.test_account_panel import said

from streamlit_persistauth import User
from streamlit_persistauth.errors import StoreError
from streamlit_persistauth.models import Client
from streamlit_persistauth.ui.plain_text import plain
from streamlit_persistauth.wiring.services import Services

IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
)
ADDRESS = "203.0.113.7"


def sign_in(services: Services, user: User, user_agent: str | None = IPHONE) -> str:
    """Start a session on another device; return its id."""
    owner = services.users.get(user.id)
    assert owner is not None
    return services.sessions.start(owner, remember=True, client=Client(ADDRESS, user_agent)).id


@pytest.mark.parametrize("script", [scripts.account, scripts.devices])
def test_nobody(ada: User, script: object) -> None:
    """A signed-out user sees neither panel."""
    page = Page(script)  # type: ignore[arg-type]
    assert page.fields == ["Email", "Password"]
    assert page.buttons == ["Sign in"]


def test_devices(ada: User, services: Services, sql: SQL) -> None:
    """Each device has a name, times and a button; the current one is marked and comes first."""
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
    """The place that the app's function returns is shown as text."""
    sign_in(services, ada)
    page = Page.signed_in(scripts.devices, EMAIL, place="*Paris* :smile:")
    assert page.test.markdown[-1].value.endswith(f":small[{plain('*Paris* :smile:')}]")


def test_place_that_fails(ada: User, services: Services) -> None:
    """If the app's function fails, only the place is missing."""
    sign_in(services, ada)
    page = Page.signed_in(scripts.devices, EMAIL, broken=True)
    assert page.exceptions == []
    assert page.test.markdown[-1].value.endswith(":small[Signed in just now]")


def test_sign_out_another(ada: User, services: Services, sql: SQL) -> None:
    """The button of another device revokes its session only."""
    elsewhere = sign_in(services, ada)
    page = Page.signed_in(scripts.devices, EMAIL).press_last("Sign out")
    assert page.exceptions == []
    assert elsewhere not in services.sessions.find_live({elsewhere})
    assert page.texts == ["signed in: Ada"]
    assert page.buttons == ["Sign out"]
    kinds = sql("SELECT event_type, user_id FROM auth_events ORDER BY created_at DESC LIMIT 1")
    assert kinds == [("sessions_revoked", ada.id)]


def test_sign_out_here(ada: User, services: Services) -> None:
    """The button of the current device logs out."""
    elsewhere = sign_in(services, ada)
    page = Page.signed_in(scripts.devices, EMAIL).press_first("Sign out")
    assert page.texts == ["signed in: None"]
    assert page.fields == ["Email", "Password"]
    assert services.sessions.find_live({elsewhere}) == {elsewhere}


def test_sign_out_everywhere_else(ada: User, services: Services) -> None:
    """One button revokes all sessions except the current one."""
    for _ in range(3):
        sign_in(services, ada)
    page = Page.signed_in(scripts.devices, EMAIL).press("Sign out everywhere else")
    assert page.texts == ["signed in: Ada"]
    assert page.buttons == ["Sign out"]
    assert len(services.sessions.live(ada.id)) == 1


def test_only_own(ada: User, root: User, services: Services) -> None:
    """Sessions of other users are neither listed nor revoked."""
    theirs = sign_in(services, root)
    page = Page.signed_in(scripts.devices, EMAIL)
    assert page.buttons == ["Sign out"]
    page.press("Sign out")
    assert services.sessions.find_live({theirs}) == {theirs}


def test_many(ada: User, services: Services) -> None:
    """A long list is cut, and the number of hidden devices is shown."""
    for _ in range(27):
        sign_in(services, ada)
    page = Page.signed_in(scripts.devices, EMAIL)
    assert page.buttons.count("Sign out") == 25
    assert "3 more devices are not shown." in said(page.test)


def test_store_fails(ada: User, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the store fails, the list or a toast shows one sentence."""

    def fail(*_: object, **__: object) -> None:
        raise StoreError("no such luck")

    sign_in(services, ada)
    page = Page.signed_in(scripts.devices, EMAIL)
    monkeypatch.setitem(vars(services.sessions), "end_own", fail)
    page.press_last("Sign out")
    assert [item.value for item in page.test.toast] == [
        "Sign-in is unavailable right now. Please try again later."
    ]
    monkeypatch.setitem(vars(services.sessions), "live", fail)
    page.run()
    assert page.errors == ["Sign-in is unavailable right now. Please try again later."]
    assert page.exceptions == []
