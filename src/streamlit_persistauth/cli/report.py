"""What a command says: tables and sentences for people, JSON for programs."""

import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

import click

from streamlit_persistauth.core.text.characters import escape_invisible
from streamlit_persistauth.core.text.measure import shorten
from streamlit_persistauth.errors import AuthError, ConfigError, InvalidArgument

if TYPE_CHECKING:
    from rich.console import Console

REFUSED: Final = 1
MISCONFIGURED: Final = 2
CUT: Final = "Browser"
CUT_WIDTH: Final = 16
"""Columns of a terminal for what a browser says of itself; JSON and pipes have all of it."""
LONGEST: Final = 10_000
"""Characters of one text on a terminal."""
_PIPED_WIDTH: Final = 100_000
"""Columns where nobody looks: a line of a table stays a line, for `grep` and the like."""


class Refused(Exception):
    """A command can't do what it was told.

    Attributes:
        code: A stable name of the reason.
        message: One sentence for a person.
    """

    def __init__(self, code: str, message: str) -> None:
        """Say why."""
        super().__init__(message)
        self.code = code
        self.message = message


class Report:
    """What one run of a command has to say."""

    def __init__(self, *, as_json: bool) -> None:
        """Speak to a program, or to a person."""
        self.as_json = as_json

    def say(self, sentence: str, **facts: object) -> None:
        """Say what was done: a sentence, or its facts as a JSON object."""
        self.show(facts, sentence)

    def show(self, facts: object, *lines: str) -> None:
        """Say something that has a form of its own in JSON."""
        if self.as_json:
            self._print(json.dumps(facts, default=_to_json, indent=2))
            return
        for line in lines:
            self._print(line)

    def table(
        self,
        columns: Sequence[str],
        rows: Sequence[Sequence[object]],
        *,
        facts: object,
        empty: str,
        note: str = "",
    ) -> None:
        """Show rows below their headings, or the facts as JSON.

        Args:
            columns: The headings.
            rows: As many values in each.
            facts: The same for programs.
            empty: What to say of no row.
            note: What to say below the table.
        """
        if self.as_json:
            self.show(facts)
            return
        if not rows:
            self._print(empty)
            return
        from rich import box
        from rich.table import Table
        from rich.text import Text

        console = self.console()
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
        for heading in columns:
            # What is to be copied, and times, stay whole; a browser may go on for ever.
            whole = heading == "Id" or heading.endswith("(UTC)")
            if heading == CUT and console.is_terminal:
                table.add_column(heading, overflow="ellipsis", no_wrap=True, max_width=CUT_WIDTH)
            else:
                table.add_column(heading, overflow="fold", no_wrap=whole)
        for row in rows:
            table.add_row(*[Text(printable(_to_text(value))) for value in row])
        console.print(table)
        if note:
            self._print(note)

    @contextmanager
    def working(self, what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
        """Show that something takes its time, where a person waits for it.

        Args:
            what: What is done.
            total: How many steps it has, where that is known.

        Yields:
            A function to call after each step.
        """
        if self.as_json or not sys.stderr.isatty():
            yield lambda: None
            return
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            SpinnerColumn,
            TextColumn,
            TimeElapsedColumn,
        )

        steps = () if total is None else (BarColumn(), MofNCompleteColumn())
        words = TextColumn("{task.description}")
        screen = _console(sys.stderr)
        columns = (SpinnerColumn(), words, *steps, TimeElapsedColumn())
        with Progress(*columns, console=screen, transient=True) as progress:
            task = progress.add_task(what, total=total)
            yield lambda: progress.advance(task)

    def console(self) -> "Console":
        """Return the terminal, which takes nothing that it is given for markup."""
        return _console(sys.stdout)

    def _print(self, text: str) -> None:
        click.echo("\n".join(map(printable, text.split("\n"))))

    def refuse(self, error: AuthError | Refused) -> int:
        """Say in one line why nothing was done; return the exit status."""
        if self.as_json:
            line = json.dumps({"error": error.code, "message": error.message})
        else:
            line = f"persistauth: {printable(error.message)}"
        click.echo(line, err=True)
        wrong = isinstance(error, (ConfigError, InvalidArgument))
        return MISCONFIGURED if wrong else REFUSED


@dataclass(frozen=True, slots=True)
class Moment:
    """A time, as people read it in a table."""

    at: datetime | None

    def __str__(self) -> str:
        """Return it to the second, in UTC."""
        return f"{self.at:%Y-%m-%d %H:%M:%S}" if self.at else ""


def printable(text: str) -> str:
    r"""Return a text without characters that a terminal interprets: `\x1b` stands for an escape.

    Names and `User-Agent` headers are untrusted. Invisible characters are escaped, and a text that
    would fill screens is shortened.
    """
    return escape_invisible(shorten(text, LONGEST))


def _console(file: Any) -> "Console":  # noqa: ANN401 - a stream
    from rich.console import Console

    width = None if file.isatty() else _PIPED_WIDTH
    return Console(file=file, markup=False, emoji=False, highlight=False, width=width)


def _to_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return str(Moment(value))
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def _to_json(value: object) -> object:
    """Return what JSON has no word for as something that it has."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
