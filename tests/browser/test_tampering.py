import pytest
from tests.browser.tab import Tab
from tests.support.account import Account

pytestmark = pytest.mark.browser

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def exchange(token: str, position: int) -> str:
    """Change one character into its neighbour in base64url."""
    position %= len(token)
    # Of the last character of an HS256 signature only four bits count; exclusive-or with 1 changes
    # the two that don't: the same bytes in another spelling, which has to be refused all the same.
    other = ALPHABET[ALPHABET.index(token[position]) ^ 1]
    return token[:position] + other + token[position + 1 :]


def positions(token: str) -> list[int]:
    """Choose a character in the middle and the last one of header, payload and signature."""
    header, payload, signature = (len(part) for part in token.split("."))
    starts = {0: header, header + 1: payload, header + payload + 2: signature}
    return [start + at for start, size in starts.items() for at in (size // 2, size - 1)]


def test_one_changed_character_signs_out(tab: Tab, ada: Account) -> None:
    """A credential with one changed character is refused without a word and cleared."""
    tab.sign_in(ada)
    good = tab.jar.stored()
    for position in positions(good["value"]):
        tab.come_back_with(good, value=exchange(good["value"], position))
        tab.expect_login_page()
        tab.jar.wait_until_empty()
    tab.come_back_with(good)
    tab.expect_dashboard_of(ada)


def test_cut_or_lengthened_credential_signs_out(tab: Tab, ada: Account) -> None:
    """A credential cut or lengthened is refused and cleared, and its owner can sign in again."""
    tab.sign_in(ada)
    good = tab.jar.stored()
    token = good["value"]
    unsigned = token.rpartition(".")[0]
    for bad in (token[:-1], f"{token}=", f"{token}.{token}", f"{unsigned}."):
        tab.come_back_with(good, value=bad)
        tab.expect_login_page()
        tab.jar.wait_until_empty()
    tab.sign_in(ada)
    tab.reload()
    tab.expect_dashboard_of(ada)
