"""A page task that one of our scripts carries out."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from streamlit_persistauth.core.secrets import new_id
from streamlit_persistauth.runtime.page_scripts import run_script


@dataclass(frozen=True, slots=True)
class ScriptTask:
    """Has a script do something once in the page, however often the task is drawn.

    Attributes:
        script: The name of the script.
        data: Its argument, besides the id.
        id: Identifies the task; the script returns it if the browser has not kept the result.
    """

    script: str
    data: Mapping[str, object] = field(repr=False)
    id: str = field(default_factory=new_id)

    @property
    def lasts(self) -> bool:
        return False

    def draw(self) -> bool:
        key = f"persistauth:{self.script}:{self.id}"
        sent = run_script(self.script, {"id": self.id, **self.data}, ["lost"], key=key)
        return bool(sent["lost"] == self.id)
