"""What happens when a form is submitted: the page is drawn anew, without the passwords."""

from dataclasses import dataclass
from typing import NoReturn

import streamlit as st

from streamlit_persistauth.run import in_fragment, spare_next_collection
from streamlit_persistauth.ui.labels import Labels


@dataclass(frozen=True, slots=True)
class Answer:
    """What a form says to what was submitted.

    Attributes:
        text: One sentence or two.
        done: Whether it was done, and not refused.
    """

    text: str
    done: bool = False


class Submission:
    """One form's submissions in this Streamlit session.

    Password fields get a new key after each, so they come back empty, and what was typed into
    them leaves `st.session_state`, which an app may show or keep.
    """

    def __init__(self, key: str, labels: Labels) -> None:
        """Take the key and the texts of the form."""
        self._attempts_key = f"{key}:attempts"
        self._answer_key = _answer_key(key)
        self._labels = labels
        self._attempts: int = st.session_state.get(self._attempts_key, 0)
        self._secret_keys: list[str] = []
        self._key = key

    def secret_key(self, name: str) -> str:
        """Return the key of a field whose value must not stay."""
        key = f"{self._key}:{name}:{self._attempts}"
        self._secret_keys.append(key)
        return key

    def show_answer(self) -> None:
        """Show what the last submission was answered, once."""
        answer = st.session_state.pop(self._answer_key, None)
        if isinstance(answer, Answer):
            show = st.success if answer.done else st.error
            show(self._labels(answer.text))

    def finish(self, answer: Answer | None) -> NoReturn:
        """Draw the page anew: with an answer above the empty password field, or signed in."""
        for key in self._secret_keys:
            st.session_state.pop(key, None)
        st.session_state[self._attempts_key] = self._attempts + 1
        if answer:
            st.session_state[self._answer_key] = answer
        spare_next_collection()
        stays = in_fragment() and answer is not None and not answer.done
        st.rerun(scope="fragment" if stays else "app")


def leave_answer(key: str, answer: Answer) -> None:
    """Have another form show an answer when it is drawn next."""
    st.session_state[_answer_key(key)] = answer


def _answer_key(key: str) -> str:
    return f"{key}:answer"
