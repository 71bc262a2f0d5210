"""What happens when a form is submitted: the page is drawn anew, without the passwords."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import NoReturn, Protocol

import streamlit as st

from streamlit_persistauth.runtime.gc_pauses import skip_next_collection
from streamlit_persistauth.runtime.own_state import page_values
from streamlit_persistauth.runtime.script_run import in_fragment, session_lock
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.ui.texts import draw_box
from streamlit_persistauth.ui.translator import Translator


@dataclass(frozen=True, slots=True)
class Answer:
    """What a form says to what was submitted.

    Attributes:
        text: One sentence or two.
        done: Whether it was done, and not refused.
        at: The label of the field that it is about; empty if it is about the form.
    """

    text: str
    done: bool = False
    at: str = ""


class _Field(Protocol):
    @property
    def label(self) -> str: ...

    @property
    def secret(self) -> bool: ...


class Submission:
    """One form's submissions in this Streamlit session.

    Password fields get a new key after each, so they come back empty, and what was typed into
    them leaves the Streamlit session.
    """

    def __init__(self, key: str, labels: Translator) -> None:
        """Take the key and the texts of the form, and what the last submission was answered."""
        self._attempts_key = f"{key}:attempts"
        self._answer_key = _answer_key(key)
        self._labels = labels
        values = page_values()
        self._attempts: int = values.get(self._attempts_key, 0)
        self._secret_keys: list[str] = []
        self._key = key
        answer = values.pop(self._answer_key, None)
        self._answer = answer if isinstance(answer, Answer) else None
        self._arrives = values.pop(_focus_key(key), False) is True

    @property
    def fault_key(self) -> str:
        """The key of the place in which the answer stands; empty if there is none."""
        return self._place_key(self._answer.at) if self._answer else ""

    def fresh_key(self, name: str) -> str:
        """Return a key that is another one after each submission."""
        return widget_key(f"{self._key}:{name}:{self._attempts}")

    def secret_key(self, name: str) -> str:
        """Return the key of a field whose value must not stay."""
        key = self.fresh_key(name)
        self._secret_keys.append(key)
        return key

    def show_answer(self, *, at: str = "") -> None:
        """Show what the last submission was answered, once: below its field, or below the form.

        The place is drawn in every run, with an answer or without: Streamlit knows the elements of
        a page by their place, and an earlier answer stays there until the next one is known.
        """
        with st.container(key=self._place_key(at)):
            if self._answer is not None and self._answer.at == at:
                show = st.success if self._answer.done else st.error
                draw_box(show, self._labels(self._answer.text))

    def _place_key(self, at: str) -> str:
        return self.fresh_key(f"answer_{at}")

    def focus(self, fields: Sequence[_Field]) -> str:
        """Return the label of the field that a person goes on with, where that is to be said.

        After a refusal it is the field that is refused, or else the first one that has been
        emptied; in a view that somebody has just turned to, the first one.
        """
        if self._answer is not None and not self._answer.done:
            emptied = [field.label for field in fields if field.secret]
            return self._answer.at or [*emptied, fields[0].label][0]
        return fields[0].label if self._arrives else ""

    def session_lock(self) -> Lock:
        """Return what lets one run at a time submit this form of this Streamlit session.

        A run that overtakes the one that still checks a password has the same press of the button.
        """
        return session_lock(self._key)

    def is_over(self) -> bool:
        """Return whether another run has meanwhile submitted what this one was to."""
        return bool(page_values().get(self._attempts_key, 0) != self._attempts)

    def take(self, answer: Answer | None) -> None:
        """Forget the passwords, and keep what is to be said."""
        for key in self._secret_keys:
            st.session_state.pop(key, None)
        page_values()[self._attempts_key] = self._attempts + 1
        if answer:
            page_values()[self._answer_key] = answer

    def draw_anew(self, answer: Answer | None) -> NoReturn:
        """Draw the page anew: with an answer and empty password fields, or signed in."""
        skip_next_collection()
        stays = in_fragment() and answer is not None and not answer.done
        st.rerun(scope="fragment" if stays else "app")


def leave_answer(key: str, answer: Answer) -> None:
    """Have another form show an answer when it is drawn next."""
    page_values()[_answer_key(key)] = answer


def ask_for_focus(key: str) -> None:
    """Have a form take the keyboard when it is drawn next."""
    page_values()[_focus_key(key)] = True


def _answer_key(key: str) -> str:
    return f"{key}:answer"


def _focus_key(key: str) -> str:
    return f"{key}:focus"
