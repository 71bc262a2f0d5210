"""Places where a run of the app under test waits until the test lets it go on."""

import threading
from dataclasses import dataclass, field

from streamlit.runtime.scriptrunner import get_script_run_ctx

SECONDS = 60


@dataclass(eq=False)
class Pause:
    """A run that waits, without a call of Streamlit.

    Attributes:
        session: The Streamlit session of the run.
        thread: The thread of the run.
    """

    session: str
    thread: threading.Thread = field(default_factory=threading.current_thread)
    _over: threading.Event = field(default_factory=threading.Event)

    def wait(self) -> None:
        """Wait until the pause is over."""
        assert self._over.wait(SECONDS), "the test never ended the pause"

    def end(self) -> None:
        """Let the run go on."""
        self._over.set()


class Pauses:
    """The runs that wait, in the order in which they began to."""

    def __init__(self) -> None:
        """Begin with none."""
        self._waiting: list[Pause] = []

    def begin(self) -> None:
        """Let this run wait."""
        context = get_script_run_ctx()
        assert context is not None
        pause = Pause(context.session_id)
        self._waiting.append(pause)
        pause.wait()

    def end(self, index: int) -> None:
        """End one pause; before this returns, its run counts as running."""
        self._waiting.pop(index).end()

    def sessions(self) -> list[str]:
        """Return the Streamlit sessions of the runs that wait."""
        return [pause.session for pause in self._waiting]

    def has(self, thread: threading.Thread) -> bool:
        """Return whether a thread waits."""
        return any(pause.thread is thread for pause in list(self._waiting))


pauses = Pauses()
"""Of this process: the app's script begins them, and the probe ends them."""
