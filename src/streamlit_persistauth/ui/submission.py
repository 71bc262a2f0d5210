"""The submissions of a form: the answer to the last one, and fresh keys for the next one."""

from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import NoReturn, Protocol

import streamlit as st

from streamlit_persistauth.runtime.gc_pauses import skip_next_collection
from streamlit_persistauth.runtime.own_state import page_values
from streamlit_persistauth.runtime.script_run import in_fragment, session_lock
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.ui.elements import draw_box
from streamlit_persistauth.ui.translator import Translator


@dataclass(frozen=True, slots=True)
class Answer:
    """What a form shows after a submission.

    Attributes:
        text: One or two sentences.
        done: Whether the submission succeeded.
        at: The label of the field that the text belongs to; empty for the whole form.
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
    """The submissions of one form in this Streamlit session.

    Password fields get a new key after each submission, so they come back empty, and the typed
    passwords are removed from the Streamlit session.
    """

    def __init__(self, key: str, t: Translator) -> None:
        """Read the answer to the last submission from the Streamlit session.

        Args:
            key: The key of the form.
            t: The texts of the form.
        """
        self.key = key
        self._t = t
        self._attempts_key = f"{key}:attempts"
        self._answer_key = _answer_key(key)
        self._secret_keys: list[str] = []
        values = page_values()
        self._attempts: int = values.get(self._attempts_key, 0)
        answer = values.pop(self._answer_key, None)
        self._answer = answer if isinstance(answer, Answer) else None
        self._takes_focus = values.pop(_focus_key(key), False) is True

    @property
    def fault_key(self) -> str:
        """The key of the container that shows the answer; empty if there is none."""
        return self._container_key(self._answer.at) if self._answer else ""

    def fresh_key(self, name: str) -> str:
        """Return a widget key that changes with each submission."""
        return widget_key(f"{self.key}:{name}:{self._attempts}")

    def secret_key(self, name: str) -> str:
        """Return a fresh key of a field whose value is removed after the submission."""
        key = self.fresh_key(name)
        self._secret_keys.append(key)
        return key

    def show_answer(self, *, at: str = "") -> None:
        """Show the answer to the last submission, once: below its field, or below the form.

        The container is drawn in every run, also without an answer. Streamlit identifies elements
        by their position, so an earlier answer stays visible until the next one is known.
        """
        with st.container(key=self._container_key(at)):
            if self._answer is not None and self._answer.at == at:
                show = st.success if self._answer.done else st.error
                draw_box(show, self._t(self._answer.text))

    def _container_key(self, at: str) -> str:
        return self.fresh_key(f"answer_{at}")

    def focus(self, fields: Sequence[_Field]) -> str:
        """Return the label of the field to focus, or an empty string.

        After a rejected submission it is the field with the error, or else the first field that
        was emptied; in a view that the user has just opened, the first field.
        """
        if self._answer is not None and not self._answer.done:
            emptied = [field.label for field in fields if field.secret]
            return self._answer.at or [*emptied, fields[0].label][0]
        return fields[0].label if self._takes_focus else ""

    def session_lock(self) -> Lock:
        """Return the lock that lets one run at a time submit this form in this Streamlit session.

        A run that overtakes one that still checks a password sees the same press of the button.
        """
        return session_lock(self.key)

    def is_over(self) -> bool:
        """Return whether another run has submitted the form since this run drew it."""
        return bool(page_values().get(self._attempts_key, 0) != self._attempts)

    def take(self, answer: Answer | None) -> None:
        """Remove the passwords, and keep the answer for the next run."""
        for key in self._secret_keys:
            st.session_state.pop(key, None)
        page_values()[self._attempts_key] = self._attempts + 1
        if answer:
            page_values()[self._answer_key] = answer

    def rerun(self, answer: Answer | None) -> NoReturn:
        """Run the page again; after a rejected submission in a fragment, only the fragment."""
        skip_next_collection()
        stays = in_fragment() and answer is not None and not answer.done
        st.rerun(scope="fragment" if stays else "app")


def leave_answer(key: str, answer: Answer) -> None:
    """Show an answer in another form, the next time that form is drawn."""
    page_values()[_answer_key(key)] = answer


def request_focus(key: str) -> None:
    """Focus the first field of a form, the next time that form is drawn."""
    page_values()[_focus_key(key)] = True


def _answer_key(key: str) -> str:
    return f"{key}:answer"


def _focus_key(key: str) -> str:
    return f"{key}:focus"
