"""The script in the page, which reads and writes what its browser keeps."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import Question
from streamlit_persistauth.runtime.hidden import hidden_place
from streamlit_persistauth.runtime.page_scripts import page_script
from streamlit_persistauth.runtime.script_run import in_page_run, run_memory
from streamlit_persistauth.runtime.state_keys import widget_key
from streamlit_persistauth.web.cookies import Cookies

PROBE: Final = "persistauth_probe"
"""Written and removed to see whether a browser keeps anything."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What a browser says that it keeps.

    Attributes:
        cookie: The value of our cookie, or empty.
        item: The item of its local storage, or empty.
    """

    cookie: str = field(default="", repr=False)
    item: str = field(default="", repr=False)


class Script:
    """Can be asked what the browser keeps of one app; the answer comes with another run."""

    def __init__(self, cookies: Cookies, clock: Clock) -> None:
        """Ask for what is kept under these names."""
        self._cookies = cookies
        self._clock = clock

    def ask(self, context: RequestContext) -> Kept | None:
        """Return what the browser says, in the run that its answer comes with, else None.

        It is asked once on a connection, and an answer counts on that connection alone. However
        many caches want to know something, there is one question and one more run.
        """
        connection_id = context.handshake.connection_id
        if connection_id is None or not in_page_run():
            return None
        question = context.visitor.question
        if question is None or question.connection_id != connection_id:
            question = context.visitor.question = Question(new_id(), connection_id, self._clock())
        memory, slot = run_memory(), ("kept", self)
        if slot not in memory:
            memory[slot] = None if question.answered else self._draw(question, context)
        kept: Kept | None = memory[slot]
        return kept

    def _draw(self, question: Question, context: RequestContext) -> Kept | None:
        cookies, secure = self._cookies, context.handshake.secure
        wanted = {
            "item": cookies.name,
            "cookie": cookies.credential(secure=secure),
            "probe": write_cookie(cookies, PROBE, "1", secure=secure, max_age=60),
            "probeEnd": cookies.write(PROBE, "", secure=secure, max_age=0),
        }
        with hidden_place(cookies.name, "question").container():
            result = page_script("caches/script.js")(
                data={"id": question.id, "ask": wanted},
                key=widget_key(f"persistauth:question:{question.id}"),
                on_answer_change=_do_nothing,
            )
        answer = getattr(result, "answer", None)
        if not isinstance(answer, Mapping) or answer.get("id") != question.id:
            return None
        question.answered = True
        question.keeps_cookies = answer.get("keepsCookies") is not False
        question.keeps_items = answer.get("keepsItems") is not False
        return Kept(_text(answer.get("cookie")), _text(answer.get("item")))


@dataclass(frozen=True, slots=True)
class Order:
    """An errand for the script: to write something, or to remove it."""

    action: str
    values: Mapping[str, str | int] = field(repr=False)
    id: str = field(default_factory=new_id)

    @property
    def lasts(self) -> bool:
        """See `PageTask.lasts`."""
        return False

    def draw(self) -> bool:
        """See `PageTask.draw`."""
        result = page_script("caches/script.js")(
            data={"id": self.id, self.action: dict(self.values)},
            key=widget_key(f"persistauth:order:{self.id}"),
            on_lost_change=_do_nothing,
        )
        return getattr(result, "lost", None) == self.id


def write_cookie(
    cookies: Cookies, name: str, value: str, *, secure: bool, max_age: int
) -> dict[str, str]:
    """Return what the script needs to write a cookie, and to see whether it is there then.

    Raises:
        ValueError: No browser would keep it, because it is too long.
    """
    text = cookies.write(name, value, secure=secure, max_age=max_age)
    return {"name": name, "value": value, "text": text}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _do_nothing() -> None:
    """Let Streamlit know that something may come."""
