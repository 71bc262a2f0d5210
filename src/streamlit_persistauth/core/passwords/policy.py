"""Which passwords may be chosen, and how good they are."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from streamlit_persistauth.core.passwords.advice import ADVICE
from streamlit_persistauth.core.passwords.hasher import MAX_LENGTH
from streamlit_persistauth.core.text.measure import normal_form, shorten
from streamlit_persistauth.errors import InvalidPassword
from streamlit_persistauth.text import Text

LEAST_SCORE: Final = 2
"""Of zxcvbn's 0 to 4: a million guesses would not do. Each of the 30,000 passwords that it lists
as common is below (ASVS 6.2.4 asks for the 3,000 most common)."""
NOTHING: Final = Text("")
RATED_LENGTH: Final = 64
"""Characters that are rated: more can't make a password worse, and take ever longer."""
WORK: Final = 16 * RATED_LENGTH**2
"""Readings of its signs as letters times the square of the length, above which a password is
rated with one sign for all that are read alike."""

_LINE: Final = str.maketrans("\n", " ")
_ONE_SIGN: Final = str.maketrans("@{[<!|$+", "4(((1157")
_rating: Final = Lock()
"""zxcvbn keeps the words of who is rated in a table that all threads share."""


@dataclass(frozen=True, slots=True)
class Strength:
    """How hard a password is to guess.

    Attributes:
        score: 0 (too guessable) to 4 (very unguessable), as zxcvbn counts.
        advice: What would make it better, in whole sentences; may be empty.
    """

    score: int
    advice: Text


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the policy says to a password that is being chosen.

    Attributes:
        score: As in `Strength`; below `LEAST_SCORE` for every password that is refused.
        refusal: Why it is refused; empty if it is not.
    """

    score: int
    refusal: Text = NOTHING


class PasswordPolicy:
    """What is asked of a new password: length and that nobody would guess it.

    No composition rules, no expiry (NIST SP 800-63B-4 3.1.1.2, ASVS 6.2.5 and 6.2.10).
    """

    def __init__(self, *, min_length: int, app_name: str = "") -> None:
        """Set the least length in characters, and the name of the app, which is no password."""
        self._min_length = min_length
        self._app_name = app_name

    @property
    def request(self) -> Text:
        """What is asked of a password, in one sentence."""
        return Text("Use at least {n} characters. A few words work best.", n=self._min_length)

    def check(self, password: str, *, email: str = "", full_name: str = "") -> None:
        """Refuse a password that is too short, too long or easy to guess.

        Length is counted in characters after NFC.

        Args:
            password: As typed.
            email: Of the account; it and its parts are no passwords.
            full_name: Of the account; nor is this.

        Raises:
            InvalidPassword: The message says why.
        """
        verdict = self.judge(password, email=email, full_name=full_name)
        if verdict.refusal:
            raise InvalidPassword(verdict.refusal)

    def judge(self, password: str, *, email: str = "", full_name: str = "") -> Verdict:
        """Return what `check` would say, and how good a password is that it lets pass."""
        normal = normal_form(password, MAX_LENGTH)
        if normal is None:
            return Verdict(
                0, Text("The password can be at most {n} characters long.", n=MAX_LENGTH)
            )
        if len(normal) < self._min_length:
            return Verdict(
                0, Text("The password must be at least {n} characters long.", n=self._min_length)
            )
        if self._is_own_words(normal, email, full_name):
            return Verdict(
                0,
                Text(
                    "The password can't consist of your name, your email or the name of this app."
                ),
            )
        strength = self.rate(password, email=email, full_name=full_name)
        if strength.score < LEAST_SCORE:
            advice = strength.advice or Text("Add another word or two.")
            easy = Text("This password is easy to guess.")
            return Verdict(strength.score, _joined([easy, advice]))
        return Verdict(strength.score)

    def rate(self, password: str, *, email: str = "", full_name: str = "") -> Strength:
        """Return how hard a password is to guess for somebody who knows whose it is."""
        from zxcvbn import zxcvbn  # here: large tables that only a new password needs

        beginning = shorten(password, MAX_LENGTH)
        normal = unicodedata.normalize("NFC", beginning)[:RATED_LENGTH]
        if not normal:
            return Strength(0, Text(""))
        with _rating:
            found = zxcvbn(_readable(normal), user_inputs=self._words(email, full_name))
        feedback = found["feedback"]
        translated = filter(None, [feedback["warning"], *feedback["suggestions"]])
        return Strength(
            found["score"], _joined([ADVICE.get(text, Text(text)) for text in translated])
        )

    def _words(self, email: str, full_name: str) -> list[str]:
        """Return the context-specific words of an account (ASVS 6.2.11)."""
        texts = [shorten(text, MAX_LENGTH) for text in (email, full_name, self._app_name)]
        pieces = [piece for text in texts for piece in _pieces(text)]
        return [word for word in {*texts, *pieces} if len(word) > 2]  # noqa: PLR2004 - "of", "de"

    def _is_own_words(self, password: str, email: str, full_name: str) -> bool:
        """Return whether nothing but digits and signs is left without the account's words."""
        rest = password.casefold()
        words = sorted(self._words(email, full_name), key=len, reverse=True)
        for word in words:
            rest = rest.replace(word.casefold(), "")
        return bool(words) and not any(map(str.isalpha, rest)) and rest != password.casefold()


def _readable(password: str) -> str:
    """Return a password as zxcvbn can read it, and in a moment.

    It stumbles over a line feed behind digits. And it tries each way to read signs as letters (`4`
    and `@` for `a`), which multiply: a text of such signs alone would take seconds.
    """
    from zxcvbn.matching import L33T_TABLE, enumerate_l33t_subs, relevant_l33t_subtable

    line = password.translate(_LINE)
    ways = len(enumerate_l33t_subs(relevant_l33t_subtable(line, L33T_TABLE)))
    return line if ways * len(line) ** 2 <= WORK else line.translate(_ONE_SIGN)


def _pieces(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()


def _joined(sentences: Sequence[Text]) -> Text:
    """Return several sentences as one text."""
    first, *rest = sentences or [NOTHING]
    return Text("{first} {rest}", first=first, rest=_joined(rest)) if rest else first
