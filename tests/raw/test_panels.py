"""The account panel and the devices, requested as no browser would."""

import pytest
from tests.raw.conftest import Cases, signed_in
from tests.support.account import ADA, BOB, Account
from tests.support.raw import Page, RawClient, opened, rerun

LAST_USED = "SELECT last_used_at FROM auth_tokens WHERE token_type = 'session'"
SESSIONS = "SELECT session_id FROM auth_tokens WHERE token_type = 'session' ORDER BY created_at"

INSIDE = {
    "devices": b"This device",
    "menu": b"Change your name",
    "administration": b"Invite user",
}


@pytest.fixture(autouse=True)
def nobody(cases: Cases) -> None:
    """No user is signed in at the start."""
    cases.end_all()


def inside(client: RawClient, place: str, account: Account = ADA) -> Page:
    """Sign in and open a place."""
    client.run(f"case={place}")
    client.sign_in(account.email, account.password)
    return client.press("Account") if place == "menu" else client.run(f"case={place}")


def ask(client: RawClient, page: Page) -> Page:
    """Request each fragment of a page by its id, as its timer does; return the output."""
    asked = Page()
    for fragment in page.fragments:
        message = client.asked(fragment)
        message.rerun_script.is_auto_rerun = True
        client.send(message)
        answer = client.wait()
        asked.raw += answer.raw
        asked.buttons |= answer.buttons
    return asked


def until_signed_out(client: RawClient) -> bytes:
    """Wait for the sign-in form; return all that came until then."""
    page = client.wait()
    seen = page.raw
    while "Sign in" not in page.buttons:
        page = client.wait()
        seen += page.raw
    return seen


@pytest.mark.parametrize("place", ["devices", "menu"])
def test_while_signed_in(cases: Cases, place: str) -> None:
    """A signed-in user gets the fragment, so the tests below request what exists."""
    with opened(cases.url) as client:
        page = inside(client, place)
        assert page.fragments
        asked = ask(client, page)
        assert INSIDE[place] in asked.raw


@pytest.mark.parametrize("place", ["devices", "menu"])
def test_after_the_end(cases: Cases, place: str) -> None:
    """After the end of the sign-in, neither account nor devices are shown for a request by id."""
    with opened(cases.url) as client:
        page = inside(client, place)
        cases.end_all()
        client.send(client.asked(page.fragments[-1]))
        seen = until_signed_out(client)
        assert INSIDE[place] not in seen
        assert ADA.email.encode() not in seen


def test_takeover(cases: Cases) -> None:
    """Another connection with the id of the Streamlit session gets no device."""
    cookie = {"plain": "_streamlit_xsrf=2|0123|4567|1", "served": "persistauth_browser=a-browser"}
    with opened(cases.url, cookie=cookie[cases.mode]) as owner:
        page = inside(owner, "devices")
        with opened(cases.url, session_id=owner.session_id) as thief:
            thief.query, thief.page_hash = "case=devices", owner.page_hash
            thief.send(thief.asked(page.fragments[0]))
            thief.send(rerun("case=devices"))
            assert INSIDE["devices"] not in until_signed_out(thief)


def test_stale_button(cases: Cases) -> None:
    """The button of a page whose sign-in was revoked revokes no other."""
    with opened(cases.url) as other, opened(cases.url) as client:
        signed_in(other)
        ((kept,),) = cases.server.database.rows(SESSIONS)
        page = inside(client, "devices")
        cases.server.database.execute("DELETE FROM auth_tokens WHERE session_id <> ?", str(kept))
        for name in ("Sign out", "Sign out everywhere else"):
            client.send(client.pressed(page.buttons[name], fragment=page.fragments[0]))
        until_signed_out(client)
        assert cases.server.database.rows(SESSIONS) == [(kept,)]


def test_forged_button(cases: Cases) -> None:
    """An invented button for another user's sign-in revokes nothing."""
    with opened(cases.url) as victim, opened(cases.url) as client:
        signed_in(victim)
        ((theirs,),) = cases.server.database.rows(SESSIONS)
        page = inside(client, "devices", BOB)
        ((own,),) = (row for row in cases.server.database.rows(SESSIONS) if row != (theirs,))
        forged = page.buttons["Sign out"].replace(str(own), str(theirs))
        assert forged != page.buttons["Sign out"]
        client.send(client.pressed(forged, fragment=page.fragments[0]))
        client.wait()
        assert len(cases.server.database.rows(SESSIONS)) == 2


def test_keeps_up(cases: Cases) -> None:
    """A sign-in elsewhere is listed at the next request of the timer, and disappears with it."""
    with opened(cases.url) as client, opened(cases.url) as other:
        page = inside(client, "devices")
        assert "Sign out everywhere else" not in page.buttons
        signed_in(other)
        assert "Sign out everywhere else" in ask(client, page).buttons
        other.run("case=leave")
        other.press("Leave")
        assert "Sign out everywhere else" not in ask(client, page).buttons


@pytest.mark.parametrize("place", ["devices", "fragment", "statement_in_fragment"])
def test_is_no_use(cases: Cases, place: str) -> None:
    """A request of a timer does not update the time of last use; one of the user does."""
    with opened(cases.url) as client:
        page = inside(client, place)
        database = cases.server.database
        database.execute("UPDATE auth_tokens SET last_used_at = datetime('now', '-1 hour')")
        before = database.rows(LAST_USED)
        assert page.fragments
        assert "Sign in" not in ask(client, page).buttons
        assert database.rows(LAST_USED) == before
        client.run(f"case={place}")
        assert database.rows(LAST_USED) != before


@pytest.mark.parametrize("place", INSIDE)
def test_old_proof(cases: Cases, place: str) -> None:
    """A panel requires the password as the guard above it does, whatever is pressed."""
    database = cases.server.database
    database.execute("UPDATE users SET roles = '[\"admin\"]' WHERE email = ?", ADA.email)
    with opened(cases.url) as client:
        page = inside(client, place)
        assert INSIDE[place] in ask(client, page).raw
        database.execute("UPDATE auth_tokens SET created_at = datetime('now', '-2 hours')")
        client.send(client.asked(page.fragments[-1]))
        seen = client.wait()
        while "Continue" not in seen.buttons:
            assert INSIDE[place] not in seen.raw
            seen = client.wait()
    database.execute("UPDATE users SET roles = '[]' WHERE email = ?", ADA.email)


@pytest.mark.parametrize("place", ["devices", "administration"])
def test_old_proof_after_another_page(cases: Cases, place: str) -> None:
    """A panel's fragment requires the password as its guard did, whatever page has run since."""
    database = cases.server.database
    database.execute("UPDATE users SET roles = '[\"admin\"]' WHERE email = ?", ADA.email)
    with opened(cases.url) as client:
        page = inside(client, place)
        database.execute("UPDATE auth_tokens SET created_at = datetime('now', '-2 hours')")
        client.run("case=menu_stopped")
        client.send(client.asked(page.fragments[-1]))
        assert INSIDE[place] not in client.wait().raw
        assert "Continue" in client.run(f"case={place}").buttons
    database.execute("UPDATE users SET roles = '[]' WHERE email = ?", ADA.email)


def test_old_button(cases: Cases) -> None:
    """Without a recent sign-in a device's button revokes nothing below a guard with `max_age`."""
    with opened(cases.url) as other, opened(cases.url) as client:
        signed_in(other)
        page = inside(client, "devices")
        cases.server.database.execute(
            "UPDATE auth_tokens SET created_at = datetime('now', '-2 hours')"
        )
        everywhere = page.buttons["Sign out everywhere else"]
        client.send(client.pressed(everywhere, fragment=page.fragments[0]))
        seen = client.wait()
        while "Continue" not in seen.buttons:
            seen = client.wait()
        assert len(cases.server.database.rows(SESSIONS)) == 2
