"""A form from the press of its button to the answer, frame by frame."""

import pytest
from playwright.sync_api import expect
from tests.browser.recording import Recorder, expect_still
from tests.browser.selection import served_first
from tests.browser.tab import Tab
from tests.support.account import BOB, Account

pytestmark = pytest.mark.browser


@pytest.fixture
def settings() -> dict[str, str]:
    """Open registration, and hashes of the default cost, as in test_forms.py."""
    return {"PERSISTAUTH_REGISTRATION": "open", "PERSISTAUTH_BCRYPT_ROUNDS": "12"}


def type_sign_in(tab: Tab, email: str, password: str) -> None:
    """Fill the sign-in form."""
    tab.type("Email", email)
    tab.type("Password", password)


@served_first
def test_sign_in(recorder: Recorder, tab: Tab, ada: Account) -> None:
    """The button of the sign-in form is busy until the page replaces the form."""
    type_sign_in(tab, ada.email, ada.password)
    expect_still(recorder.record_submission(tab.button("Sign in")), left=True)
    tab.expect_dashboard_of(ada)


@pytest.mark.slow
@pytest.mark.parametrize("first", [None, "", "unknown@example.com"])
def test_refusal(recorder: Recorder, tab: Tab, ada: Account, first: str | None) -> None:
    """Nothing moves before a refusal is shown; an earlier message stays until then."""
    if first is not None:
        tab.fill_sign_in(first, BOB.password)
        expect(tab.page.get_by_role("alert")).to_be_visible()
        tab.expect_settled()
    type_sign_in(tab, ada.email, BOB.password)
    expect_still(recorder.record_submission(tab.button("Sign in")))
    tab.expect_refusal()


@pytest.mark.slow
def test_enter(recorder: Recorder, tab: Tab, ada: Account) -> None:
    """The password field, which Streamlit keeps while it has the focus, is never shown twice."""
    type_sign_in(tab, ada.email, BOB.password)
    recording = recorder.record_submission(tab.button("Sign in"), enter=tab.field("Password"))
    expect_still(recording)
    assert {frame.layout.count("Password") for frame in recording.frames} == {1}


@pytest.mark.slow
def test_registration(recorder: Recorder, tab: Tab) -> None:
    """The button of the registration form is busy until the page replaces the form."""
    tab.open_register()
    tab.type_register(BOB, BOB.password)
    expect_still(recorder.record_submission(tab.button("Create account")), left=True)
    tab.expect_dashboard_of(BOB)
