"""The browser's own cookie changes at each sign-in and sign-out."""

from collections.abc import Callable, Iterator

import pytest

from streamlit_persistauth.web.browsers import (
    browser_id,
    exchange_ticket,
    issue_ticket,
    new_browser,
)
from streamlit_persistauth.web.connections import Connection, connections
from streamlit_persistauth.web.owners import Owner, owners

Opener = Callable[..., Connection]


@pytest.fixture
def open_page() -> Iterator[Opener]:
    """Opens pages of browsers that present a cookie, signed in or not."""
    opened: list[Connection] = []

    def opener(value: str | None, session_id: str | None = None) -> Connection:
        connection = connections.open(base_path="", browser=value)
        opened.append(connection)
        if session_id is not None:
            connection.bind(session_id, f"streamlit session of {connection.id}")
        return connection

    yield opener
    for connection in opened:
        connections.close(connection)


def request(page: Connection) -> str:
    """Return the ticket for the page of a connection."""
    ticket = issue_ticket(page)
    assert ticket is not None
    return ticket


def owner_of(connection: Connection) -> Owner | None:
    """Return the owner of the Streamlit session of a page."""
    return owners.get(f"streamlit session of {connection.id}")


def test_change(open_page: Opener) -> None:
    """All open pages of the browser get the new value, and no other browser's do."""
    first, another = new_browser(), new_browser()
    page, tab, other = open_page(first, "ada"), open_page(first, "bob"), open_page(another, "eve")
    stale = open_page(f"{browser_id(first)}.older", "ada")
    second = exchange_ticket(request(page), first)
    assert second not in {None, first}
    assert browser_id(str(second)) == browser_id(first)
    assert {page.browser, tab.browser, stale.browser} == {second}
    assert other.browser == another
    for changed in (page, tab, stale):
        owner = owner_of(changed)
        assert owner is not None
        assert owner.browser == second
    unchanged = owner_of(other)
    assert unchanged is not None
    assert unchanged.browser == another


def test_former_user(open_page: Opener) -> None:
    """A former user who kept the value gets no page of the next user, whatever they do with it."""
    kept = new_browser()
    tab = open_page(kept)
    elsewhere = open_page(kept, "mallory")
    assert exchange_ticket(request(elsewhere), kept) == tab.browser
    tab.bind("ada", "ada's")
    value = exchange_ticket(request(tab), kept)
    assert value == tab.browser
    assert value not in {kept, elsewhere.browser}
    assert exchange_ticket(request(elsewhere), kept) != tab.browser
    assert tab.browser == value


def test_before_the_change(open_page: Opener) -> None:
    """From a sign-in until its page has exchanged the ticket, no cookie value continues it.

    Another connection that continues it with the credential may present the old value, too.
    """
    kept = new_browser()
    page, other = open_page(kept), open_page(kept)
    ticket, name = request(page), f"streamlit session of {page.id}"
    for connection in (page, other, page):
        connection.bind("ada", name)
        assert owner_of(page) == Owner("ada", None, connection.page)
    value = exchange_ticket(ticket, kept)
    for connection in (page, other):
        connection.bind("ada", name)
        assert owner_of(page) == Owner("ada", value, connection.page)
    page.bind("bob", name)
    assert owner_of(page) == Owner("bob", value, page.page)


def test_connection_that_is_lost(open_page: Opener) -> None:
    """A page without a connection gets no ticket; its browser continues with the value it has."""
    page = open_page("kept")
    connections.close(page)
    assert issue_ticket(page) is None
    page.bind("ada", f"streamlit session of {page.id}")
    assert owner_of(page) == Owner("ada", "kept", page.page)


def test_browser_without_a_cookie(open_page: Opener) -> None:
    """Such a browser gets no ticket, and nothing but the credential continues its sign-in."""
    page = open_page(None)
    assert issue_ticket(page) is None
    page.bind("ada", f"streamlit session of {page.id}")
    assert owner_of(page) == Owner("ada", None, page.page)


@pytest.mark.parametrize("held", ["", "another", "another.secret", "."])
def test_another_browser(open_page: Opener, held: str) -> None:
    """A ticket is valid for the browser that opened the page; an invented one for no browser."""
    value = new_browser()
    page = open_page(value)
    assert exchange_ticket(request(page), held) is None
    assert exchange_ticket("made up", value) is None
    assert page.browser == value


def test_answer_that_was_lost(open_page: Opener) -> None:
    """A ticket that is presented again gets the same value; a new ticket gets another."""
    page = open_page(new_browser())
    ticket = request(page)
    value = exchange_ticket(ticket, str(page.browser))
    assert value is not None
    assert exchange_ticket(ticket, value) == value
    assert exchange_ticket(request(page), value) not in {None, value}
    assert exchange_ticket(ticket, value) is None


def test_value_of_an_older_version(open_page: Opener) -> None:
    """A value without a secret gets one."""
    page = open_page("all-of-it")
    assert str(exchange_ticket(request(page), "all-of-it")).startswith("all-of-it.")
