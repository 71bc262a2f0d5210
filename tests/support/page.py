"""A page under Streamlit's own test runner, in the words of somebody who looks at it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import AppTest

from streamlit_persistauth import Authenticator
from streamlit_persistauth.testing import signed_in

TIMEOUT = 30


@contextmanager
def kept_main() -> Iterator[None]:
    """Put the main module back: Streamlit leaves its script there, for child processes to run."""
    main = sys.modules["__main__"]
    try:
        yield
    finally:
        sys.modules["__main__"] = main


class Page:
    """One visitor's page of an app."""

    def __init__(self, script: Callable[..., object], **kwargs: Any) -> None:  # noqa: ANN401
        """Open the page of a script, which is the body of a function."""
        self.test = AppTest.from_function(script, default_timeout=TIMEOUT, kwargs=kwargs)
        self.run()

    @classmethod
    def of_file(cls, path: Path) -> "Page":
        """Open the page of an app in a file."""
        page = cls.__new__(cls)
        page.test = AppTest.from_file(path, default_timeout=TIMEOUT)
        return page.run()

    @classmethod
    def signed_in(cls, script: Callable[..., object], email: str, /, **kwargs: Any) -> "Page":  # noqa: ANN401
        """Open the page of a script as somebody who is signed in already.

        The lowest Streamlit's test runner keeps widgets of a form that another page replaces.
        """
        page = cls.__new__(cls)
        test = AppTest.from_function(script, default_timeout=TIMEOUT, kwargs=kwargs)
        page.test = signed_in(test, email, auth=Authenticator())
        return page.run()

    def as_user(self, email: str) -> "Page":
        """Go on as another user, who signs in on the same page."""
        signed_in(self.test, email, auth=Authenticator())
        return self.run()

    def run(self) -> "Page":
        """Run the script again, as any click does."""
        with kept_main():
            self.test.run()
        return self

    @property
    def state(self) -> SafeSessionState:
        """All that its Streamlit session holds, also what an app does not see."""
        shown: Any = self.test.session_state
        held: SafeSessionState = getattr(self.test, "_session_state", shown)
        return held

    @property
    def errors(self) -> list[str]:
        """What stands in red boxes."""
        return [item.value for item in self.test.error]

    @property
    def exceptions(self) -> list[str]:
        """What stands in boxes with a traceback."""
        return [item.message for item in self.test.exception]

    @property
    def texts(self) -> list[str]:
        """What the app itself wrote with `st.text`."""
        return [item.value for item in self.test.text]

    @property
    def fields(self) -> list[str]:
        """The labels of the input fields."""
        return [item.label for item in self.test.text_input]

    @property
    def buttons(self) -> list[str]:
        """The labels of the buttons."""
        return [item.label for item in self.test.button]

    @property
    def words(self) -> str:
        """Everything that stands on the page."""
        return "\n".join(
            str(getattr(item, "value", "")) + str(getattr(item, "label", ""))
            for item in self.test.main
        ) + str(self.test.main)

    def fill(self, **typed: str) -> "Page":
        """Type into fields, named by their labels with `_` for a space."""
        for name, text in typed.items():
            label = name.replace("_", " ")
            (field,) = [item for item in self.test.text_input if item.label == label]
            field.input(text)
        return self

    def press(self, label: str) -> "Page":
        """Press a button."""
        (button,) = [item for item in self.test.button if item.label == label]
        button.click()
        return self.run()

    def press_first(self, label: str) -> "Page":
        """Press the first of several buttons of one name."""
        next(item for item in self.test.button if item.label == label).click()
        return self.run()

    def press_last(self, label: str) -> "Page":
        """Press the last of several buttons of one name."""
        [item for item in self.test.button if item.label == label][-1].click()
        return self.run()

    def sign_in(self, email: str, password: str) -> "Page":
        """Fill in the sign-in form and send it."""
        return self.fill(Email=email, Password=password).press("Sign in")
