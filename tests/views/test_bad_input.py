"""Any text in any field is rejected with one sentence or kept as text."""

from unicodedata import normalize

import pytest
from tests.support import scripts
from tests.support.core_app import EMAIL, PASSWORD
from tests.support.naughty import TEXTS
from tests.support.page import Page

from streamlit_persistauth import User
from streamlit_persistauth.wiring.services import Services

SURROGATES = set(map(chr, range(0xD800, 0xE000)))
MORE = ["\0", "a\0b", "\u202eevil", "x" * 10_000, "=HYPERLINK(1)", "'; DROP TABLE users; --"]
# A message of Streamlit's carries no lone surrogates, so none can be typed.
WORST = [text for text in [*TEXTS, *MORE] if not SURROGATES & set(text)]


def hold(page: Page) -> None:
    """Assert that the page shows no exception and at most one short error."""
    assert page.exceptions == []
    assert len(page.errors) <= 1
    assert all(len(error) < 250 for error in page.errors)


def test_sign_in(ada: User) -> None:
    """Any address with any password is rejected, and the app's page is not shown."""
    page = Page(scripts.guarded)
    for text in WORST:
        page.fill(Email=text, Password=text).press("Sign in")
        hold(page)
        assert page.texts == []


@pytest.mark.slow
def test_register(services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any name is stored as typed or rejected."""
    monkeypatch.setenv("PERSISTAUTH_REGISTRATION", "open")
    for number, text in enumerate(WORST):
        page = Page(scripts.guarded).press("Create an account")
        page.fill(
            Full_name=text,
            Email=f"somebody{number}@example.com",
            Password=PASSWORD,
            Confirm_password=PASSWORD,
        ).press("Create account")
        hold(page)
        stored = services.accounts.find(f"somebody{number}@example.com")
        assert (stored is None) == bool(page.errors)
        if stored:
            assert stored.user.full_name == normalize("NFC", text.strip())
        assert services.accounts.find(text) is None


def test_name(ada: User) -> None:
    """Any new name is saved or rejected."""
    page = Page.signed_in(scripts.account, EMAIL)
    for text in WORST:
        page.fill(Full_name=text).press("Change name")
        hold(page)


def test_search(root: User, ada: User) -> None:
    """Any text can be searched for."""
    page = Page.signed_in(scripts.administration, "root@example.com")
    for text in WORST:
        page.fill(Search=text).run()
        hold(page)
        assert len(page.test.get("button")) > 0
