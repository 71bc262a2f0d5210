"""The password policy and the strength meter."""

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
"""The minimum score of zxcvbn, from 0 to 4: more than a million guesses. The 30,000 passwords in
its list of common ones score lower (ASVS 6.2.4 requires the 3,000 most common)."""
NOTHING: Final = Text("")
RATED_LENGTH: Final = 64
"""Characters to rate. Further ones cannot weaken a password, but take more and more time."""
WORK: Final = 16 * RATED_LENGTH**2
"""The limit for the number of l33t substitutions times the square of the length. Above it, signs
that stand for the same letter are unified before rating."""

_LINE: Final = str.maketrans("\n", " ")
_ONE_SIGN: Final = str.maketrans("@{[<!|$+", "4(((1157")
_rating: Final = Lock()
"""zxcvbn stores the user's words in a table that all threads share."""


@dataclass(frozen=True, slots=True)
class Strength:
    """The strength of a password.

    Attributes:
        score: The score of zxcvbn, from 0 (too guessable) to 4 (very unguessable).
        advice: Advice in whole sentences; may be empty.
    """

    score: int
    advice: Text


@dataclass(frozen=True, slots=True)
class PolicyResult:
    """The result of checking a new password against the policy.

    Attributes:
        score: As in `Strength`; below `LEAST_SCORE` for every rejected password.
        refusal: The reason for a rejection; empty for an accepted password.
    """

    score: int
    refusal: Text = NOTHING


@dataclass(frozen=True, kw_only=True, slots=True)
class PasswordPolicy:
    """Requires a minimum length and resistance to guessing from new passwords.

    There are no composition rules and no expiry (NIST SP 800-63B-4 3.1.1.2, ASVS 6.2.5, 6.2.10).

    Attributes:
        min_length: The minimum length in characters.
        app_name: The name of the app, which is not accepted as a password.
    """

    min_length: int
    app_name: str = ""

    @property
    def request(self) -> Text:
        """The requirements in one sentence."""
        return Text("Use at least {n} characters. A few words work best.", n=self.min_length)

    def check(
        self, password: str, *, email: str = "", username: str = "", full_name: str = ""
    ) -> None:
        """Check a new password. Its length is counted in characters after NFC.

        Args:
            password: The password as entered.
            email: The email address of the account, which must not be the password.
            username: The username of the account, which must not be the password either.
            full_name: The full name of the user, as `username`.

        Raises:
            InvalidPassword: It is too short, too long or easy to guess; the message says which.
        """
        verdict = self.judge(password, email=email, username=username, full_name=full_name)
        if verdict.refusal:
            raise InvalidPassword(verdict.refusal)

    def judge(
        self, password: str, *, email: str = "", username: str = "", full_name: str = ""
    ) -> PolicyResult:
        """Return the rejection that `check` would raise, if any, and the score."""
        normal = normal_form(password, MAX_LENGTH)
        if normal is None:
            return PolicyResult(
                0, Text("The password can be at most {n} characters long.", n=MAX_LENGTH)
            )
        if len(normal) < self.min_length:
            return PolicyResult(
                0, Text("The password must be at least {n} characters long.", n=self.min_length)
            )
        if self._is_own_words(normal, email, username, full_name):
            return PolicyResult(
                0,
                Text(
                    "The password can't consist of your name, your email or the name of this app."
                ),
            )
        strength = self.rate(password, email=email, username=username, full_name=full_name)
        if strength.score < LEAST_SCORE:
            advice = strength.advice or Text("Add another word or two.")
            easy = Text("This password is easy to guess.")
            return PolicyResult(strength.score, _joined([easy, advice]))
        return PolicyResult(strength.score)

    def rate(
        self, password: str, *, email: str = "", username: str = "", full_name: str = ""
    ) -> Strength:
        """Return the strength of a password against an attacker who knows the user."""
        from zxcvbn import zxcvbn  # here: large tables that only a new password needs

        beginning = shorten(password, MAX_LENGTH)
        normal = unicodedata.normalize("NFC", beginning)[:RATED_LENGTH]
        if not normal:
            return Strength(0, Text(""))
        with _rating:
            result = zxcvbn(_readable(normal), user_inputs=self._words(email, username, full_name))
        feedback = result["feedback"]
        sentences = filter(None, [feedback["warning"], *feedback["suggestions"]])
        advice = _joined([ADVICE.get(text, Text(text)) for text in sentences])
        return Strength(result["score"], advice)

    def _words(self, *own: str) -> list[str]:
        """Return the context-specific words of an account (ASVS 6.2.11)."""
        texts = [shorten(text, MAX_LENGTH) for text in (*own, self.app_name)]
        pieces = [piece for text in texts for piece in _pieces(text)]
        return [word for word in {*texts, *pieces} if len(word) > 2]  # noqa: PLR2004 - "of", "de"

    def _is_own_words(self, password: str, *own: str) -> bool:
        """Return whether only digits and signs remain without the words of the account."""
        rest = password.casefold()
        words = sorted(self._words(*own), key=len, reverse=True)
        for word in words:
            rest = rest.replace(word.casefold(), "")
        return bool(words) and not any(map(str.isalpha, rest)) and rest != password.casefold()


def _readable(password: str) -> str:
    """Return a password that zxcvbn can rate, and in little time.

    zxcvbn fails on a line feed after digits. It also tries all combinations of l33t substitutions
    (`4` and `@` for `a`), so a text of such signs alone would take seconds.
    """
    from zxcvbn.matching import L33T_TABLE, enumerate_l33t_subs, relevant_l33t_subtable

    line = password.translate(_LINE)
    ways = len(enumerate_l33t_subs(relevant_l33t_subtable(line, L33T_TABLE)))
    return line if ways * len(line) ** 2 <= WORK else line.translate(_ONE_SIGN)


def _pieces(text: str) -> list[str]:
    return "".join(c if c.isalnum() else " " for c in text).split()


def _joined(sentences: Sequence[Text]) -> Text:
    """Return the sentences as one text."""
    first, *rest = sentences or [NOTHING]
    return Text("{first} {rest}", first=first, rest=_joined(rest)) if rest else first
