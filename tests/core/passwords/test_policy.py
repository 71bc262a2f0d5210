import ast
import inspect
import unicodedata
from threading import Thread, current_thread, main_thread

import pytest
from hypothesis import given
from hypothesis import strategies as st
from zxcvbn import feedback
from zxcvbn.frequency_lists import FREQUENCY_LISTS
from zxcvbn.matching import omnimatch, translate

from streamlit_persistauth.core.passwords.advice import ADVICE
from streamlit_persistauth.core.passwords.policy import LEAST_SCORE, PasswordPolicy
from streamlit_persistauth.errors import InvalidPassword
from streamlit_persistauth.ui.translator import Translator

POLICY = PasswordPolicy(min_length=8, app_name="Orchard Planner")
EASY = "This password is easy to guess."
OWN = "The password can't consist of your name, your email or the name of this app."


def refusal(password: str) -> str:
    """Return the reason for rejecting a password of Ada King."""
    with pytest.raises(InvalidPassword) as caught:
        POLICY.check(password, email="ada.k@example.com", full_name="Ada King")
    return caught.value.message


def test_short() -> None:
    """The rejection of a short password names the minimum; characters are counted in NFC."""
    for password in ("x" * 7, "", "e\u0301" * 7):
        assert refusal(password) == "The password must be at least 8 characters long."


@pytest.mark.parametrize("length", [257, 1_000_000])
def test_long(length: int) -> None:
    """The rejection of a long password names the maximum."""
    assert refusal("plum" * length) == "The password can be at most 256 characters long."


def test_longest() -> None:
    """The longest password is accepted, also in decomposed characters."""
    password = ("caf\u00e9 orbit kettle plum " * 12)[:256]
    POLICY.check(password)
    POLICY.check(unicodedata.normalize("NFD", password))


def test_common_passwords() -> None:
    """Three thousand common passwords of sufficient length are rejected, each with a reason."""
    common = [word for word in FREQUENCY_LISTS["passwords"] if len(word) >= 8]
    assert len(common) >= 3000
    for password in common[:3000]:
        assert refusal(password).startswith((EASY, OWN))


@pytest.mark.parametrize(
    "password", ["Password1!", "P@ssw0rd", "12345678", "qwertyuiop", "aaaaaaaaaaaa", "abcdefgh"]
)
def test_variations(password: str) -> None:
    """Capitals, signs and digits do not make a common password acceptable."""
    assert refusal(password).startswith(EASY)


@pytest.mark.parametrize(
    "password",
    [
        "ada.k@example.com",
        "ADA.K@EXAMPLE.COM",
        "adaking1815",
        "King-Ada-1815",
        "orchard2030",
        "OrchardPlanner!",
    ],
)
def test_own_words(password: str) -> None:
    """Name, address and the app's name with digits and signs around them are rejected."""
    assert refusal(password) == OWN


@pytest.mark.parametrize(
    "password",
    ["plum kettle orbit", "no-digits-here-at-all", "日本語のパスワード", "7394 8261 5507"],
)
def test_no_composition_rules(password: str) -> None:
    """Digits, capitals and signs are not required."""
    POLICY.check(password, email="ada.k@example.com", full_name="Ada King")


def test_own_words_in_a_good_password() -> None:
    """A good password may contain the user's name among other words."""
    POLICY.check("ada likes plum kettles", email="ada.k@example.com", full_name="Ada King")


def test_longer_minimum() -> None:
    """The minimum length is configurable."""
    with pytest.raises(InvalidPassword, match="15 characters"):
        PasswordPolicy(min_length=15).check("plum-Kettle-93")


def test_rating() -> None:
    """A better password has a higher score, and a bad one comes with advice."""
    bad, good = POLICY.rate("password1"), POLICY.rate("plum-Kettle-93-orbit")
    assert bad.score < 2 < good.score
    assert bad.advice.endswith(".")
    assert POLICY.rate("").score == 0


@given(st.text(min_size=6).map("~{}~".format), st.text(max_size=30), st.text(max_size=30))
def test_any_text(password: str, email: str, name: str) -> None:
    """Any text is accepted or rejected, and a rejection never repeats it."""
    reason = ""
    try:
        POLICY.check(password, email=email, full_name=name)
    except InvalidPassword as refusal:
        reason = refusal.message
    assert password not in reason


def test_advice_can_be_translated() -> None:
    """Each sentence of zxcvbn is in the table of translatable advice."""
    source = ast.parse(inspect.getsource(feedback))
    calls = [node for node in ast.walk(source) if isinstance(node, ast.Call)]
    marked = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "_"]
    sentences = {ast.literal_eval(call.args[0]) for call in marked}
    assert len(sentences) > 20
    assert sentences == set(ADVICE)


def test_refusal_in_another_language() -> None:
    """A rejection with advice is translated completely."""
    say = Translator(
        {
            "This password is easy to guess.": "Zu leicht.",
            "This is a top-10 common password.": "Sehr verbreitet.",
            "Add another word or two. Uncommon words are better.": "Mehr Wörter.",
        }
    )
    assert say.text(refusal("password")) == "Zu leicht. Sehr verbreitet. Mehr Wörter."


@pytest.mark.parametrize("password", ["short", "password", "ada.king.1815", "plum kettle orbit"])
def test_verdict(password: str) -> None:
    """The judgement during typing equals the final one."""
    verdict = POLICY.judge(password, email="ada.k@example.com", full_name="Ada King")
    if verdict.refusal:
        assert verdict.refusal == refusal(password)
        assert verdict.score < LEAST_SCORE
    else:
        POLICY.check(password, email="ada.k@example.com", full_name="Ada King")
        assert verdict.score >= LEAST_SCORE


def test_signs_for_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """A text with hundreds of l33t readings is rated with few, in little time."""
    readings: list[str] = []

    def count(text: str, signs: dict[str, str]) -> str:
        readings.append(text)
        return str(translate(text, signs))

    monkeypatch.setattr("zxcvbn.matching.translate", count)
    assert POLICY.rate("4@8({[<369|1!7$50+%2z" * 3).score == 4
    assert 0 < len(readings) < 50
    readings.clear()
    assert POLICY.rate("P@$$w0rd!").score < LEAST_SCORE
    assert "P@$$w0rd!" in readings  # a short one is read as it is


@pytest.mark.parametrize("password", ["1234567\n", "kettle 199912\n", "1.1.99\n1.1.99\n"])
def test_line_feed(password: str) -> None:
    """A line feed after digits, which only a program can send, raises nothing."""
    assert 0 <= POLICY.rate(password).score <= 4


def test_concurrent_ratings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Concurrent ratings use the words of their own user."""
    rated_by_others: list[Thread] = []

    def interrupted(*arguments: object) -> object:
        if current_thread() is main_thread():
            other = Thread(target=POLICY.rate, args=("kettle plum orbit",))
            other.start()
            rated_by_others.append(other)
            other.join(timeout=0.2)  # it waits for its turn, or has none
        return omnimatch(*arguments)

    password = "zvqkorlux"
    assert POLICY.rate(password).score >= LEAST_SCORE
    monkeypatch.setattr("zxcvbn.matching.omnimatch", interrupted)
    assert POLICY.rate(password, full_name=password).score == 0
    for other in rated_by_others:
        other.join()
