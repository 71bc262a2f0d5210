"""Connections with the id of another client's Streamlit session."""

import os
from unittest.mock import patch

import pytest
from tests.raw.conftest import Cases, signed_in
from tests.raw.routes import changed
from tests.support.account import ADA, BOB
from tests.support.raw import RawClient, opened

from streamlit_persistauth import Authenticator

NEW = "amber-Lantern-58-canoe"
BROWSER = {"plain": "_streamlit_xsrf=2|0123|4567|1", "served": "persistauth_browser=a-browser"}


def protected(client: RawClient) -> bool:
    """Return whether the protected page is shown."""
    return b"of the house" in client.run("case=undecorated").raw


def test_takeover_gets_nothing(cases: Cases) -> None:
    """Another connection with the same Streamlit session id sees the sign-in form, and no state."""
    with opened(cases.url, cookie=BROWSER[cases.mode]) as owner:
        signed_in(owner, "case=undecorated")
        cases.witnessed()
        for cookie in ("", "persistauth_browser=another; _streamlit_xsrf=2|9|9|1"):
            with opened(cases.url, session_id=owner.session_id, cookie=cookie) as thief:
                page = thief.run("case=undecorated")
                assert "Sign in" in page.buttons
                assert ADA.full_name.encode() not in page.raw
                assert b"of the house" not in page.raw
    assert cases.witnessed() == []


def test_takeover_from_nowhere(cases: Cases) -> None:
    """Two connections without cookies are not treated as one browser."""
    with opened(cases.url) as owner:
        signed_in(owner, "case=undecorated")
        with opened(cases.url, session_id=owner.session_id) as thief:
            page = thief.run("case=undecorated")
            assert "Sign in" in page.buttons
            assert b"of the house" not in page.raw


def test_takeover_of_fragments_and_callbacks(served: Cases) -> None:
    """Another connection can't run fragments or callbacks of the page."""
    with opened(served.url, cookie=BROWSER["served"]) as owner:
        page = signed_in(owner, "case=undecorated").page
        served.witnessed()
        with opened(served.url, session_id=owner.session_id) as thief:
            thief.query, thief.page_hash = "case=undecorated", owner.page_hash
            thief.send(thief.asked(page.fragments[0]))
            thief.send(thief.pressed(page.buttons["Outside"]))
            thief.run("case=undecorated")
            assert thief.session_id != owner.session_id
    assert served.witnessed() == []


def test_takeover_would_succeed(unguarded: Cases) -> None:
    """The same connection gets the page of the other if no guard protects it.

    Older versions of Streamlit give it away only once the owner's connection is lost.
    """
    with opened(unguarded.url) as owner:
        owner.run("case=undecorated")
    with opened(unguarded.url, session_id=owner.session_id) as thief:
        thief.run("case=undecorated")
        assert thief.session_id == owner.session_id


def test_two_apps(cases: Cases) -> None:
    """A page of another `Authenticator` says what to change, and keeps the sign-in."""
    with opened(cases.url) as client:
        signed_in(client, "case=undecorated")
        cases.witnessed()
        (sentence,) = client.run("case=another_app").texts
        assert "another Authenticator" in sentence
        assert cases.witnessed() == []
        with pytest.raises(TimeoutError):
            client.wait(1.5)
        assert protected(client)


def test_pending_link(cases: Cases) -> None:
    """A link belongs to the browser that opened it: another one gets neither form nor token."""
    cookie = BROWSER[cases.mode]
    with patch.dict(os.environ, cases.server.settings):
        token = Authenticator().create_password_reset_token(ADA.email)
    with opened(cases.url, cookie=cookie) as owner:
        page = owner.run(f"case=statement&persistauth_reset={token}")
        assert "New password" in page.fields
    for other in ("", "persistauth_browser=another; _streamlit_xsrf=2|9|9|1"):
        with opened(cases.url, session_id=owner.session_id, cookie=other) as thief:
            assert list(thief.run("case=statement").fields) == ["Email", "Password"]
            assert thief.session_id == owner.session_id
    with opened(cases.url, session_id=owner.session_id, cookie=cookie) as again:
        assert "New password" in again.run("case=statement").fields


def test_pending_link_without_a_cookie(cases: Cases) -> None:
    """Without cookies, a link belongs to the connection that opened it."""
    with patch.dict(os.environ, cases.server.settings):
        token = Authenticator().create_password_reset_token(ADA.email)
    with opened(cases.url) as owner:
        page = owner.run(f"case=statement&persistauth_reset={token}")
        assert "New password" in page.fields
        with opened(cases.url, session_id=owner.session_id) as thief:
            thief.query, thief.page_hash = "case=statement", owner.page_hash
            thief.page.fields.update(page.fields)
            thief.fill("New password", NEW).fill("Confirm new password", NEW)
            thief.send(thief.pressed(page.buttons["Set new password"]))
            assert "New password" not in thief.wait().fields
    with opened(cases.url) as client:
        client.run("case=statement")
        assert b"of the house" in client.sign_in(ADA.email, ADA.password).raw


def test_brief_loss_of_the_connection(cases: Cases) -> None:
    """The same browser comes back to its own Streamlit session without signing in again."""
    cookie = BROWSER[cases.mode]
    with opened(cases.url, cookie=cookie) as client:
        cookie = changed(cases, signed_in(client, "case=undecorated").page.raw, cookie)
        session_id = client.session_id
    with opened(cases.url, cookie=cookie, session_id=session_id) as again:
        assert protected(again)
        assert again.session_id == session_id


def test_nothing_is_left_for_the_next(cases: Cases) -> None:
    """A user who signs in on another user's page finds nothing of that user."""
    with opened(cases.url) as client:
        signed_in(client, "case=state&put=ada-was-here")
        assert "ada-was-here" in client.run("case=state").texts
        cases.end_all()
        client.run("case=state")
        page = client.sign_in(BOB.email, BOB.password)
        assert "nothing" in page.texts
        assert b"ada-was-here" not in page.raw


def test_what_a_visitor_typed_stays(cases: Cases) -> None:
    """A visitor who signs in keeps what they had typed before."""
    with opened(cases.url) as client:
        client.run("case=state&put=before")
        page = client.sign_in(ADA.email, ADA.password)
        assert "before" in page.texts
