"""The script that reads and writes a cookie, or an item of local storage, in the browser."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from streamlit_persistauth.caches.script_task import ScriptTask
from streamlit_persistauth.core.clock import Clock
from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.request.context import RequestContext
from streamlit_persistauth.request.visitor_state import Question
from streamlit_persistauth.runtime.hidden_elements import hidden_place
from streamlit_persistauth.runtime.page_scripts import run_script
from streamlit_persistauth.runtime.script_run import in_page_run, run_memory
from streamlit_persistauth.web.cookies import Cookie, Cookies

SCRIPT: Final = "script"
PROBE: Final = "persistauth_probe"
"""The name of a cookie and an item that are written and deleted, to see whether any are kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What the browser keeps, by its own answer.

    Attributes:
        cookie: The value of our cookie, or empty.
        item: The item of its local storage, or empty.
    """

    cookie: str = field(default="", repr=False)
    item: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Script:
    """Asks the browser for the credentials of one app; the answer comes with a later run.

    Attributes:
        cookies: The names of the credentials.
        clock: Returns the current time.
    """

    cookies: Cookies
    clock: Clock

    def ask(self, context: RequestContext) -> Kept | None:
        """Return the browser's answer in the run that receives it, else None.

        Each connection is asked once, and an answer is valid on that connection only. All caches
        share the question, so it takes one more run.
        """
        connection_id = context.handshake.connection_id
        if connection_id is None or not in_page_run():
            return None
        question = context.visitor.question
        if question is None or question.connection_id != connection_id:
            question = context.visitor.question = Question(new_id(), connection_id, self.clock())
        memory, slot = run_memory(), ("kept", self.cookies)
        if slot not in memory:
            memory[slot] = None if question.answered else self._draw(question, context)
        kept: Kept | None = memory[slot]
        return kept

    def _draw(self, question: Question, context: RequestContext) -> Kept | None:
        cookies, secure = self.cookies, context.handshake.secure
        wanted = {
            "item": cookies.name,
            "cookie": cookies.credential(secure=secure),
            "probe": _checked(cookies.cookie(PROBE, "1", secure=secure, max_age=60)),
            "probeEnd": cookies.cookie(PROBE, "", secure=secure, max_age=0).text,
        }
        key = f"persistauth:question:{question.id}"
        with hidden_place(cookies.name, "question"):
            sent = run_script(SCRIPT, {"id": question.id, "ask": wanted}, ["answer"], key=key)
        answer = sent["answer"]
        if not isinstance(answer, Mapping) or answer.get("id") != question.id:
            return None
        question.answered = True
        question.keeps_cookies = answer.get("keepsCookies") is not False
        question.keeps_items = answer.get("keepsItems") is not False
        return Kept(_text(answer.get("cookie")), _text(answer.get("item")))


@dataclass(frozen=True, slots=True)
class ScriptWriter:
    """Has the script write a cookie, and check that the browser kept it."""

    def write(self, cookie: Cookie) -> ScriptTask:
        if cookie.value:
            return order("writeCookie", _checked(cookie))
        return order("removeCookie", {"text": cookie.text})


def order(action: str, values: Mapping[str, str | int]) -> ScriptTask:
    """Return a task for the script: to write a cookie or an item, or to delete it."""
    return ScriptTask(SCRIPT, {action: dict(values)})


def _checked(cookie: Cookie) -> dict[str, str]:
    """Return what the script needs to write a cookie, and to check that the browser kept it."""
    return {"name": cookie.name, "value": cookie.value, "text": cookie.text}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
