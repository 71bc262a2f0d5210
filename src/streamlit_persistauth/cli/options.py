"""Options and input that several commands share."""

import functools
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from streamlit_persistauth.cli.report import Refused, Report
from streamlit_persistauth.errors import AuthError

F = TypeVar("F", bound=Callable[..., object])


def database_option_with(help_text: str) -> Callable[[F], F]:
    """Return the option `--database` with another help text than `database_option`."""
    return click.option("--database", metavar="URL", help=help_text)


database_option = database_option_with("The database; by default PERSISTAUTH_DATABASE_URL.")


def reporting(function: Callable[..., object]) -> Callable[..., None]:
    """Give a command the option `--json` and, as its first argument, a `Report`.

    An `AuthError` or `Refused` is printed as one line and sets the exit status.
    """

    @click.option("--json", "as_json", is_flag=True, help="Print JSON.")
    @functools.wraps(function)
    def command(*, as_json: bool, **options: Any) -> None:  # noqa: ANN401 - the command's own
        report = Report(as_json=as_json)
        try:
            function(report, **options)
        except (AuthError, Refused) as error:
            sys.exit(report.refuse(error))

    return command


def examples(*lines: str) -> str:
    r"""Return the examples below a command's help. `\b` keeps click from wrapping them."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)


def from_standard_input() -> str:
    """Return the first line of the standard input, without its line ending.

    Raises:
        UsageError: The standard input is empty.
    """
    line = sys.stdin.readline()
    if not line:
        raise click.UsageError("Expected a password on the standard input.")
    return line.rstrip("\r\n")


def ask_password(*, from_stdin: bool) -> str:
    """Return a password from the standard input, or prompt for it twice without showing it.

    It is never an argument, which other users of the machine could read.

    Raises:
        UsageError: There is neither a line on the standard input nor a terminal.
    """
    if from_stdin:
        return from_standard_input()
    if not sys.stdin.isatty():
        raise click.UsageError(
            "There is no terminal to prompt for a password. Use --password-stdin."
        )
    answer: str = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    return answer
