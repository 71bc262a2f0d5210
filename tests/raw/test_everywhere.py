"""Every place in which Streamlit runs code, opened by a visitor who is not signed in."""

import pytest
from tests.raw.conftest import Cases, signed_in
from tests.support.account import ADA
from tests.support.raw import Page, RawClient, opened

PLACES = [
    "decorated",
    "swallowed",
    "suppressed",
    "threaded",
    "contextual",
    "guarded_thread",
    "statement",
    "dialog",
    "fragment",
    "callback",
    "cached",
]


def visitor(client: RawClient, place: str) -> Page:
    """Open a place, and do what makes its code run."""
    page = client.run(f"case={place}")
    return client.press("Do it") if place == "callback" else page


@pytest.mark.parametrize("place", PLACES)
def test_nobody_gets_in(cases: Cases, place: str) -> None:
    """The protected body does not run, whatever surrounds it."""
    with opened(cases.url) as client:
        page = visitor(client, place)
    assert cases.witnessed() == []
    assert b"secret" not in page.raw


@pytest.mark.parametrize("place", PLACES)
def test_where_nothing_guards(unguarded: Cases, place: str) -> None:
    """The same visit runs the body if no guard protects it."""
    with opened(unguarded.url) as client:
        page = visitor(client, place)
    assert unguarded.witnessed() == ["secret"]
    assert b"secret" in page.raw or place == "threaded"


@pytest.mark.parametrize("place", [place for place in PLACES if place != "threaded"])
def test_signed_in(cases: Cases, place: str) -> None:
    """A signed-in user gets in."""
    with opened(cases.url) as client:
        signed_in(client, "case=decorated")
        cases.witnessed()
        visitor(client, place)
    assert cases.witnessed() == ["secret"]


def test_denied_role(cases: Cases) -> None:
    """A user without the role reads one sentence, and an event is recorded."""
    with opened(cases.url) as client:
        signed_in(client)
        cases.witnessed()
        page = client.run("case=roles")
    assert page.texts == ["You are not allowed to see this page."]
    assert cases.witnessed() == []
    assert cases.server.database.rows(
        "SELECT count(*) FROM auth_events WHERE event_type = 'access_denied'"
    ) != [(0,)]


def test_protected_fragment_of_an_ended_sign_in(cases: Cases) -> None:
    """A fragment with its own guard does not run after the end of the sign-in."""
    with opened(cases.url) as client:
        page = signed_in(client, "case=fragment").page
        assert len(page.fragments) == 1
        cases.witnessed()
        cases.end_all()
        client.send(client.asked(page.fragments[0]))
        page = client.wait()
    assert cases.witnessed() == []
    assert "Sign in" in page.buttons


@pytest.mark.parametrize("attack", ["fragment", "Inside", "Outside"])
def test_unguarded_code_of_a_guarded_page(cases: Cases, attack: str) -> None:
    """Fragments and callbacks without a guard of their own don't run after the end.

    In a plain app they don't once the page has been run again.
    """
    with opened(cases.url) as client:
        page = signed_in(client, "case=undecorated").page
        assert b"inside of the house" in page.raw
        cases.witnessed()
        cases.end_all()
        if cases.mode == "plain":
            assert "Sign in" in client.run("case=undecorated").buttons
        strike(client, page, attack)
        if cases.mode == "served":
            assert "Sign in" in client.wait().buttons
        after = client.run("case=undecorated")
    assert cases.witnessed() == []
    assert "Sign in" in after.buttons
    assert b"of the house" not in after.raw


@pytest.mark.parametrize("attack", ["fragment", "Inside", "Outside"])
def test_attack_on_unguarded_code_would_succeed(unguarded: Cases, attack: str) -> None:
    """The same attack runs the code if no guard protects it."""
    with opened(unguarded.url) as client:
        page = client.run("case=undecorated")
        unguarded.witnessed()
        strike(client, page, attack)
        client.wait()
    assert unguarded.witnessed() != []


def strike(client: RawClient, page: Page, attack: str) -> None:
    """Ask for a piece of a page by its id, as no browser would."""
    (fragment,) = page.fragments
    if attack == "fragment":
        client.send(client.asked(fragment))
    elif attack == "Inside":
        client.send(client.pressed(page.buttons["Inside"], fragment=fragment))
    else:
        client.send(client.pressed(page.buttons["Outside"]))


def test_ended_is_told_at_once(cases: Cases) -> None:
    """A full run after the end shows the sign-in form, and a user can sign in there again."""
    with opened(cases.url) as client:
        signed_in(client, "case=undecorated")
        cases.end_all()
        page = client.run("case=undecorated")
        assert "Sign in" in page.buttons
        page = client.sign_in(ADA.email, ADA.password)
        assert b"inside of the house" in page.raw
