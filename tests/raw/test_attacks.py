"""Attacks on sign-ins and pages from other connections."""

from contextlib import suppress

import pytest
from tests.raw.conftest import Cases, signed_in
from tests.raw.routes import changed
from tests.raw.test_ended import strike
from tests.support.account import ADA
from tests.support.raw import RawClient, opened, rerun

BROWSER = "persistauth_browser=an-id.a-secret"


def sign_in_again(client: RawClient) -> None:
    """Sign in on a page whose earlier messages may still be answered, and expect its content."""
    page = client.sign_in(ADA.email, ADA.password)
    while "Leave" not in page.buttons:
        page = client.wait()


def test_deferred_file_of_a_lost_connection(served: Cases) -> None:
    """A deferred file is not generated for another connection after its page is gone."""
    with opened(served.url, cookie=BROWSER) as before:
        page = signed_in(before, "case=deferred").page
    served.end_all()
    served.witnessed()
    with opened(served.url) as stranger:
        stranger.run("case=everybody")
        stranger.send(stranger.wanted(page.files["Get it"]))
        stranger.run("case=everybody")
    assert served.witnessed() == []


def test_deferred_file_of_another(served: Cases) -> None:
    """A visitor can't make the app generate the deferred file of a signed-in page."""
    with opened(served.url, cookie=BROWSER) as owner, opened(served.url) as stranger:
        page = signed_in(owner, "case=deferred").page
        stranger.run("case=everybody")
        served.witnessed()
        stranger.send(stranger.wanted(page.files["Get it"]))
        stranger.run("case=everybody")
    assert served.witnessed() == []


def test_takeover_before_the_sign_in(served: Cases) -> None:
    """An earlier user of a browser, who knows its cookie and its page, gets no later sign-in.

    They note the cookie and the Streamlit session of an open sign-in page, and present both from
    elsewhere. Then the next user signs in on that page.
    """
    with opened(served.url, cookie=BROWSER) as owner:
        owner.run("case=who")
        with opened(served.url, cookie=BROWSER, session_id=owner.session_id) as thief:
            thief.run("case=who")
            owner.fill("Email", ADA.email).fill("Password", ADA.password)
            owner.send(owner.pressed(owner.page.buttons["Sign in"]))
            with suppress(TimeoutError):  # later versions of Streamlit let only one of them go on
                owner.wait(3)
            thief.send(rerun("case=who"))
            seen = b""
            with suppress(TimeoutError):
                while True:
                    seen += thief.wait(2).raw
    assert b"Ada" not in seen


@pytest.mark.slow
def test_lost_connection_outlives_the_sign_out(served: Cases) -> None:
    """The sign-in form works after a page came back before its first connection was known lost."""
    with opened(served.url, cookie=BROWSER) as lost:
        cookie = changed(served, signed_in(lost, "case=leave").page.raw, BROWSER)
        with opened(served.url, cookie=cookie, session_id=lost.session_id) as client:
            client.run("case=leave")
            page = client.press("Leave")
            with suppress(TimeoutError):
                client.wait(2)  # until the watch has looked
            client.page = page
            sign_in_again(client)


@pytest.mark.parametrize("case", ["leave_caught", "leave_finally"])
def test_run_that_goes_on_after_signing_out(served: Cases, case: str) -> None:
    """Code that a run registers after the user has signed out can't run."""
    with opened(served.url, cookie=BROWSER) as client:
        before = signed_in(client, f"case={case}").page
        assert before.fragments
        page = client.press("Leave")
        with suppress(TimeoutError):  # one of them runs the page again
            page = client.wait(1)
        served.witnessed()
        for _ in range(2):
            strike(client, before)
            strike(client, page)
        client.run("case=leave")
        assert served.witnessed() == []
        sign_in_again(client)
