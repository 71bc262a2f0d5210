"""What the app under test reports: each execution of a guarded place, in its own process."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import parse_qs

from streamlit.runtime.scriptrunner import get_script_run_ctx

FILE = "reports"
NUMBER = "n"
"""The query parameter that carries the number of the message that asked for a run."""


@dataclass(frozen=True)
class Report:
    """One execution of a guarded place.

    Attributes:
        place: Which one.
        user: The user that the guard let in when the code was defined.
        session: The Streamlit session.
        number: Of the message that asked for the run; None outside a script run.
    """

    place: str
    user: str
    session: str
    number: int | None

    def write(self) -> None:
        """Add the report to the file in the working directory."""
        with Path(FILE).open("a", encoding="utf-8") as file:
            file.write(json.dumps(asdict(self)) + "\n")


def report(place: str, user: str) -> None:
    """Report that a guarded place runs in this script run."""
    context = get_script_run_ctx()
    assert context is not None
    Report(place, user, context.session_id, number_of_run()).write()


def number_of_run() -> int | None:
    """Return the number of the message that asked for this run.

    It is read without a call of Streamlit, at which an overtaken run would end.
    """
    context = get_script_run_ctx(suppress_warning=True)
    found = parse_qs(context.query_string).get(NUMBER) if context else None
    return int(found[0]) if found else None


def take_reports(home: Path) -> list[Report]:
    """Return what has been reported since the last call."""
    file = home / FILE
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    file.unlink(missing_ok=True)
    return [Report(**json.loads(line)) for line in lines]
