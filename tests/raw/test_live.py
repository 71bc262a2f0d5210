"""Open pages show the sign-in form by themselves when their sign-in ends elsewhere."""

from collections.abc import Iterator

import pytest
from tests.raw.conftest import Cases, signed_in
from tests.support.account import ADA
from tests.support.raw import opened

SECONDS = 5
"""Far more than the second it takes, for busy machines; the browser tests measure the time."""

ENDINGS: dict[str, str] = {
    "deleted": "DELETE FROM auth_tokens",
    "expired": "UPDATE auth_tokens SET expires_at = '2020-01-01 00:00:00.000000'",
    "account disabled": "UPDATE users SET is_active = 0",
    "account with a new stamp": "UPDATE users SET security_stamp = 'changed'",
    "account gone": "UPDATE users SET id = 'x' || id",
}
UNDO = (
    "UPDATE users SET is_active = 1",
    "UPDATE users SET id = substr(id, 2) WHERE id LIKE 'x%'",
)


@pytest.fixture
def accounts(served: Cases) -> Iterator[None]:
    """Restores the accounts after the test."""
    yield
    for statement in UNDO:
        served.server.database.execute(statement)


@pytest.mark.usefixtures("accounts")
@pytest.mark.parametrize("ending", ENDINGS)
def test_idle_page(served: Cases, ending: str) -> None:
    """An idle page shows the form, over the same connection."""
    with opened(served.url) as client:
        signed_in(client, "case=undecorated")
        served.server.database.execute(ENDINGS[ending])
        page = client.wait(SECONDS)
        assert "Sign in" in page.buttons
        assert b"of the house" not in page.raw


def test_another_connection_signs_out(served: Cases) -> None:
    """Signing out everywhere on one page turns the other."""
    with opened(served.url) as one, opened(served.url) as other:
        signed_in(one, "case=undecorated")
        signed_in(other, "case=leave")
        other.press("Leave everywhere")
        assert "Sign in" in one.wait(SECONDS).buttons


def test_others_stay(served: Cases) -> None:
    """A page of another sign-in is not affected."""
    with opened(served.url) as one, opened(served.url) as other:
        signed_in(one, "case=undecorated")
        signed_in(other, "case=leave")
        other.press("Leave")
        with pytest.raises(TimeoutError):
            one.wait(1.5)
        assert b"of the house" in one.run("case=undecorated").raw


def test_page_goes_on_after_signing_in_again(served: Cases) -> None:
    """The form that has appeared by itself signs in, and the page works as before."""
    with opened(served.url) as client:
        signed_in(client, "case=undecorated")
        served.end_all()
        client.wait(SECONDS)
        page = client.sign_in(ADA.email, ADA.password)
        assert b"inside of the house" in page.raw
        served.witnessed()
        client.press("Outside")
        assert "outside" in served.witnessed()


@pytest.mark.parametrize("strike", ["fragment", "callback"])
def test_nothing_reaches_the_app(served: Cases, strike: str) -> None:
    """A message that the page sends right after the end does not run."""
    with opened(served.url) as client:
        page = signed_in(client, "case=undecorated").page
        served.witnessed()
        served.end_all()
        for _ in range(20):
            if strike == "fragment":
                client.send(client.asked(page.fragments[0]))
            else:
                client.send(client.pressed(page.buttons["Outside"]))
        client.wait(SECONDS)
        client.run("case=undecorated")
    assert served.witnessed() == []
