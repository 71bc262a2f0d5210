import pytest
from playwright.sync_api import expect
from tests.browser.selection import served_first
from tests.browser.tab import Tab
from tests.support.account import BOB, Account

pytestmark = pytest.mark.browser


@served_first
def test_sign_in_refuses_with_one_sentence(tab: Tab, ada: Account) -> None:
    """A wrong and an over-long password get one sentence, no traceback and no cookie."""
    tab.fill_sign_in(ada.email, BOB.password)
    expect(tab.page.get_by_text("Invalid email or password.", exact=True)).to_be_visible()
    expect(tab.field("Email")).to_have_value(ada.email)
    tab.fill_sign_in(ada.email, "p" * 100_000)
    tab.expect_refusal()
    assert tab.jar.credential() is None
