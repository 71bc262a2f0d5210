from dataclasses import replace

import pytest
from playwright.sync_api import expect
from tests.browser.tab import Tab
from tests.support.account import ADA, BOB, Account
from tests.support.server import AppServer

pytestmark = pytest.mark.browser

BAD = {
    "empty": ("", ""),
    "no password": (ADA.email, ""),
    "no email": ("", ADA.password),
    "unknown": ("nobody@example.com", ADA.password),
    "no address": ("Ada", ADA.password),
    "long email": ("a" * 100_000 + "@example.com", ADA.password),
    "long password": (ADA.email, "p" * 100_000),
    "odd characters": ("a\u202e\u0000'; DROP TABLE users; --@example.com", "\u0000\u202e<b>"),
}


def test_sign_in_refuses_with_one_sentence(tab: Tab, ada: Account) -> None:
    """Wrong, empty, over-long or odd fields get one sentence, no traceback and no cookie."""
    tab.fill_sign_in(ada.email, BOB.password)
    expect(tab.page.get_by_text("Invalid email or password.", exact=True)).to_be_visible()
    expect(tab.field("Email")).to_have_value(ada.email)
    for email, password in BAD.values():
        tab.open()
        tab.fill_sign_in(email, password)
        tab.expect_refusal()
        assert tab.jar.credential() is None


def test_registration_refuses_with_one_sentence(tab: Tab, app: AppServer) -> None:
    """Empty, unequal, weak and over-long fields get one sentence and make no account."""
    bad = {
        "empty": (Account("", "", ""), ""),
        "not the same": (BOB, ADA.password),
        "too short": (replace(BOB, password="short"), "short"),
        "no address": (replace(BOB, email="bob"), BOB.password),
        "long email": (replace(BOB, email="b" * 100_000 + "@example.com"), BOB.password),
        "long password": (replace(BOB, password="b" * 100_000), "b" * 100_000),
        "long name": (replace(BOB, full_name="b" * 100_000), BOB.password),
        "odd name": (replace(BOB, full_name="Bob\u0007"), BOB.password),
    }
    for account, confirmation in bad.values():
        tab.open()
        tab.open_register()
        tab.fill_register(account, confirmation)
        tab.expect_refusal()
    assert app.database.rows("SELECT email FROM users") == []
