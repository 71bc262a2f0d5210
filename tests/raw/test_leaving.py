"""`auth.logout()`, called from every place in which an app can call it."""

import re

import pytest
from tests.raw.conftest import Cases, signed_in
from tests.support.account import ADA, BOB, Account
from tests.support.raw import RawClient, opened

TOLD_BROWSER = {"plain": b'"removeCookie"', "served": b"/persistauth/clear"}
TOLD_TABS = re.compile(rb'"app": ?"persistauth", ?"signIn": ?""')
BROWSER = {"plain": "_streamlit_xsrf=2|0123|4567|1", "served": "persistauth_browser=a-browser"}
PLACES = {
    "leave": "",
    "leave_in_dialog": "fragment",
    "leave_in_fragment": "fragment",
    "leave_in_callback": "",
    "leave_in_callback_of_fragment": "fragment",
}


def until_signed_out(client: RawClient) -> bytes:
    """Take in runs until one has drawn the sign-in form; return all that was sent."""
    sent = client.page.raw
    while "Sign in" not in client.page.buttons:
        sent += client.wait().raw
    return sent


@pytest.mark.parametrize("place", PLACES)
def test_leaving(cases: Cases, place: str) -> None:
    """The page shows the form, the browser deletes the credential, other tabs are notified."""
    cases.end_all()  # of the tests before
    with opened(cases.url, cookie=BROWSER[cases.mode]) as client:
        page = signed_in(client, f"case={place}").page
        fragment = page.fragments[0] if PLACES[place] else ""
        client.send(client.pressed(page.buttons["Leave"], fragment=fragment))
        sent = client.wait().raw + until_signed_out(client)
        assert TOLD_BROWSER[cases.mode] in sent
        assert (TOLD_TABS.search(sent) is not None) == (cases.mode == "plain")
        assert b"inside of the house" not in client.page.raw
        assert (
            cases.server.database.rows("SELECT * FROM auth_tokens WHERE token_type='session'") == []
        )


def test_leaving_at_every_run(cases: Cases) -> None:
    """A page that signs out at every run runs once more at most."""
    with opened(cases.url) as client:
        page = client.run("case=leave_always")
        assert "gone" in page.texts


@pytest.mark.parametrize("button", ["Leave", "Do it"])
@pytest.mark.parametrize("account", [ADA, BOB], ids=["ada", "bob"])
def test_press_after_leaving(cases: Cases, account: Account, button: str) -> None:
    """A message that an old page sends after a sign-out does not affect the next user.

    Streamlit would keep the press and the text, and give them to the widgets of the same ids.
    """
    with opened(cases.url, cookie=BROWSER[cases.mode]) as client:
        page = signed_in(client, "case=leave_after_typing").page
        client.fill("Search", "text of ada")
        late = client.pressed(page.buttons[button])
        client.send(client.pressed(page.buttons["Leave"]))
        client.wait()
        until_signed_out(client)
        client.send(late)
        client.wait()
        client.run("case=leave_after_typing")
        page = client.sign_in(account.email, account.password)
        assert page.texts[-1] == "typed:"
        assert "Leave" in page.buttons
        assert cases.witnessed() == []
