"""No code that a sign-in left in a Streamlit session runs after the end of that sign-in."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from tests.raw.conftest import Cases, signed_in
from tests.raw.routes import changed
from tests.support.account import ADA
from tests.support.raw import Page, RawClient, opened, rerun

BROWSER = "persistauth_browser=a-browser"
PIPES = ("begun", "go", "gone")
"""By which a run that waits and its test meet."""
SECONDS = 5
"""Far more than the second that an open page takes to turn, for busy machines."""
NO_OPERATION = BackMsg()
NO_OPERATION.backend_operation_request.request_id = "1"
STRANGE = {
    "clear_cache": BackMsg(clear_cache=True),
    "load_git_info": BackMsg(load_git_info=True),
    "nothing": BackMsg(),
    "no operation": NO_OPERATION,
}
ENDINGS = {
    "deleted": ["DELETE FROM auth_tokens"],
    "account disabled": ["UPDATE users SET is_active = 0", "DELETE FROM auth_tokens"],
}


@pytest.fixture(autouse=True)
def accounts(served: Cases) -> Iterator[None]:
    """All accounts are active, before and after."""
    yield
    served.server.database.execute("UPDATE users SET is_active = 1")


@contextmanager
def reopened(served: Cases, query: str = "case=undecorated") -> Iterator[tuple[RawClient, Page]]:
    """Sign in, lose the connection, and open it again with the same Streamlit session."""
    with opened(served.url, cookie=BROWSER) as before:
        page = signed_in(before, query).page
        cookie = changed(served, page.raw, BROWSER)
    with opened(served.url, cookie=cookie, session_id=before.session_id) as client:
        client.query, client.page_hash = before.query, before.page_hash
        client.session_id = before.session_id
        served.witnessed()
        yield client, page


def strike(client: RawClient, page: Page) -> None:
    """Request all that a page has left in its Streamlit session."""
    for fragment in page.fragments:
        client.send(client.asked(fragment))
    if "Outside" in page.buttons:
        client.send(client.pressed(page.buttons["Outside"]))
    for file in page.files.values():
        client.send(client.wanted(file))


def until_signed_out(client: RawClient) -> bytes:
    """Wait for the sign-in form; return all that came until then."""
    seen = b""
    while True:
        page = client.wait(SECONDS)
        seen += page.raw
        if "Sign in" in page.buttons:
            return seen


@pytest.mark.parametrize("query", ["case=undecorated", "case=deferred"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_ended_while_away(served: Cases, query: str, ending: str) -> None:
    """A connection that comes back after the end gets the form, and runs nothing."""
    with opened(served.url, cookie=BROWSER) as before:
        page = signed_in(before, query).page
        cookie = changed(served, page.raw, BROWSER)
    for statement in ENDINGS[ending]:
        served.server.database.execute(statement)
    served.witnessed()
    with opened(served.url, cookie=cookie, session_id=before.session_id) as client:
        client.query, client.page_hash = before.query, before.page_hash
        client.session_id = before.session_id
        strike(client, page)
        until_signed_out(client)
        strike(client, page)
        client.run(query)
    assert served.witnessed() == []


@pytest.mark.parametrize("ending", ENDINGS)
def test_ended_after_coming_back(served: Cases, ending: str) -> None:
    """A connection that came back, and has asked for nothing but fragments, is closed at once."""
    with reopened(served) as (client, page):
        client.send(client.asked(page.fragments[0]))
        client.wait()
        for statement in ENDINGS[ending]:
            served.server.database.execute(statement)
        until_signed_out(client)
        served.witnessed()
        strike(client, page)
        client.run("case=undecorated")
    assert served.witnessed() == []


def test_comes_back_before_the_end(served: Cases) -> None:
    """The same requests run the code while the sign-in is valid, so the tests above can fail."""
    with reopened(served) as (client, page):
        client.send(client.asked(page.fragments[0]))
        client.wait()
        assert served.witnessed() == ["fragment"]
    with reopened(served, "case=deferred") as (client, page):
        client.send(client.wanted(page.files["Get it"]))
        client.wait_for("backend_operation_response")
        assert served.witnessed() == ["made"]


def test_deferred_file(served: Cases) -> None:
    """A deferred file is not generated after the end of its sign-in, for any connection."""
    with opened(served.url) as client, opened(served.url) as other:
        page = signed_in(client, "case=deferred").page
        other.run("case=everybody")
        served.witnessed()
        served.end_all()
        until_signed_out(client)
        for one in (client, other):
            one.send(one.wanted(page.files["Get it"]))
            one.run("case=everybody")
    assert served.witnessed() == []


@pytest.mark.parametrize("ends", [True, False])
def test_deferred_file_of_another_page(served: Cases, *, ends: bool) -> None:
    """A deferred file is generated only for the Streamlit session that drew it."""
    with opened(served.url) as client:
        page = signed_in(client, "case=deferred").page
    if ends:
        served.end_all()
    with opened(served.url) as other:
        other.run("case=everybody")
        served.witnessed()
        other.send(other.wanted(page.files["Get it"]))
        other.run("case=everybody")
    assert served.witnessed() == []


@pytest.mark.parametrize(
    "query",
    ["case=everybody", "case=breakable&page=x", "case=breakable&stop=1", "case=unknown"],
)
def test_page_that_opens_nothing(served: Cases, query: str) -> None:
    """A page without a guard, or one that fails or stops above it, opens nothing."""
    with opened(served.url) as client:
        page = signed_in(client, "case=breakable").page
        client.run(query)
        served.end_all()
        client.wait(SECONDS)
        served.witnessed()
        strike(client, page)
        client.run(query)
        strike(client, page)
        client.run(query)
    assert served.witnessed() == []


def test_overtaken_run(served: Cases) -> None:
    """Code that a run registers after the end of its sign-in can't run."""
    with opened(served.url) as client:
        page = begin_slow_run(served, client)
        served.end_all()
        until_signed_out(client)
        finish_slow_run(served)
        strike(client, page)
        with suppress(TimeoutError):
            client.wait(1)
    assert served.witnessed() == []


def test_overtaken_by_signing_out(cases: Cases) -> None:
    """Code that a run registers after the user has signed out on the page can't run."""
    with opened(cases.url) as client:
        page = begin_slow_run(cases, client)
        client.run("case=leave")
        client.press("Leave")
        finish_slow_run(cases)
        strike(client, page)
        with suppress(TimeoutError):
            client.wait(1)
    assert cases.witnessed() == []


def test_deferred_file_after_signing_out(cases: Cases) -> None:
    """A deferred file is not generated after the user has signed out on its page."""
    with opened(cases.url) as client:
        signed_in(client, "case=deferred_leave")
        page = client.press("Leave")
        assert page.files
        cases.witnessed()
        client.send(client.wanted(page.files["Get it"]))
        client.wait_for("backend_operation_response")
    assert cases.witnessed() == []


def test_state_after_signing_out(cases: Cases) -> None:
    """A page works after a sign-out: a fragment that is registered since then runs."""
    with opened(cases.url) as client:
        signed_in(client, "case=leave")
        client.press("Leave")
        client.run("case=leave")
        page = client.sign_in(ADA.email, ADA.password)
        assert "Leave" in page.buttons
        page = client.run("case=undecorated")
        cases.witnessed()
        client.send(client.asked(page.fragments[0]))
        client.wait()
    assert cases.witnessed() == ["fragment"]


def begin_slow_run(served: Cases, client: RawClient) -> Page:
    """Sign in and start a run that waits; return what it will have registered when it is over."""
    signed_in(client)
    page = client.run("case=overtaken")
    assert page.fragments
    for name in PIPES:
        os.mkfifo(served.home / name)
    client.send(rerun("case=overtaken", page_hash=client.page_hash))
    (served.home / "begun").read_bytes()
    return page


def finish_slow_run(served: Cases) -> None:
    """Let the run that waits go on to its end."""
    (served.home / "go").write_bytes(b"")
    (served.home / "gone").read_bytes()
    for name in PIPES:
        (served.home / name).unlink()
    served.witnessed()


@pytest.mark.parametrize("message", STRANGE)
def test_messages_of_strangers(served: Cases, message: str) -> None:
    """A visitor's message changes nothing that other visitors use."""
    with opened(served.url) as client:
        client.run("case=resource")
        served.witnessed()
        client.send(STRANGE[message])
        client.run("case=resource")
        assert served.witnessed() == []
        signed_in(client)
        client.send(BackMsg(clear_cache=True))
        client.run("case=resource")
        assert "computed" in served.witnessed()


def test_visitor(served: Cases) -> None:
    """A visitor can use a public page: buttons and deferred files."""
    with opened(served.url) as client:
        client.run("case=everybody")
        served.witnessed()
        page = client.press("Count")
        client.send(client.wanted(page.files["Get it"]))
        client.wait_for("backend_operation_response")
        assert served.witnessed() == ["counted", "made"]
