"""Output of a command: tables and sentences, or JSON."""

import json
import shutil
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
"""Columns of a terminal for the user agent. JSON and pipes show it in full."""
LONGEST: Final = 10_000
"""The most characters of one text that are shown."""
_PIPED_WIDTH: Final = 100_000
"""Columns in a pipe, so that a table row stays one line, for `grep`."""


class Refused(Exception):
    """A command refuses to run.

    Attributes:
        code: A stable name of the reason.
        message: The reason in one sentence.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, kw_only=True)
class Report:
    """Prints the output of a command, as text or as JSON."""

    as_json: bool

    def say(self, sentence: str, **facts: object) -> None:
        """Print a sentence, or its facts as a JSON object."""
        self.show(facts, sentence)

    def show(self, facts: object, *lines: str) -> None:
        """Print lines, or facts as JSON."""
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
        """Print rows below their headings, or the facts as JSON.

        Args:
            columns: The headings.
            rows: The rows, with one value for each heading.
            facts: The same data for JSON.
            empty: The text if there are no rows.
            note: A text below the table.
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
            # Ids are for copying, so they stay on one line. User agents can be very long.
            no_wrap = heading == "Id" or heading.endswith("(UTC)")
            if heading == CUT and console.is_terminal:
                table.add_column(heading, overflow="ellipsis", no_wrap=True, max_width=CUT_WIDTH)
            else:
                table.add_column(heading, overflow="fold", no_wrap=no_wrap)
        for row in rows:
            table.add_row(*[Text(printable(_to_text(value))) for value in row])
        console.print(table)
        if note:
            self._print(note)

    @contextmanager
    def working(self, what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
        """Show a progress bar on a terminal.

        Args:
            what: A description of the work.
            total: The number of steps, if known.

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
        description = TextColumn("{task.description}")
        screen = _console(sys.stderr)
        columns = (SpinnerColumn(), description, *steps, TimeElapsedColumn())
        with Progress(*columns, console=screen, transient=True) as progress:
            task = progress.add_task(what, total=total)
            yield lambda: progress.advance(task)

    def warn(self, message: str) -> None:
        """Print a line on the standard error, also with JSON."""
        click.echo(f"persistauth: {printable(message)}", err=True)

    def console(self) -> "Console":
        """Return the standard output, without markup, emoji or highlighting."""
        return _console(sys.stdout)

    def _print(self, text: str) -> None:
        click.echo("\n".join(map(printable, text.split("\n"))))

    def refuse(self, error: AuthError | Refused) -> int:
        """Print the reason in one line; return the exit status."""
        if self.as_json:
            line = json.dumps({"error": error.code, "message": error.message})
        else:
            line = f"persistauth: {printable(error.message)}"
        click.echo(line, err=True)
        is_configuration = isinstance(error, (ConfigError, InvalidArgument))
        return MISCONFIGURED if is_configuration else REFUSED


@dataclass(frozen=True, slots=True)
class Moment:
    """A time in a table."""

    at: datetime | None

    def __str__(self) -> str:
        """Return the time in UTC, to the second."""
        return f"{self.at:%Y-%m-%d %H:%M:%S}" if self.at else ""


def printable(text: str) -> str:
    r"""Return a text with control characters escaped, such as `\x1b`.

    Names and user agents come from untrusted users. Characters that change the direction of
    writing or have no glyph are escaped too. A very long text is cut.
    """
    return escape_invisible(shorten(text, LONGEST))


def paragraph(text: str, sign: str = "") -> str:
    """Return a text indented below a heading, on a terminal wrapped to its width."""
    width = min(100, shutil.get_terminal_size().columns) if sys.stdout.isatty() else 10_000
    first = f"    {sign}"
    return click.wrap_text(text, width, initial_indent=first, subsequent_indent=" " * len(first))


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
    """Convert a value that JSON cannot represent."""
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
