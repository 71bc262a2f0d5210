"""One thing that a deployment should know."""

from dataclasses import dataclass
from enum import Enum


class Severity(str, Enum):
    """How bad it is."""

    ERROR = "error"
    """The app does not start like this, or is open to everybody."""
    WARNING = "warning"
    """It works, and somebody may regret it."""
    NOTE = "note"
    """What this way of running it costs; nothing has to change."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding.

    Attributes:
        code: Its stable name.
        severity: How bad it is.
        message: What there is, in a sentence; never a secret.
        remedy: What to do.
        place: The file and line, for what stands in the app's source.
    """

    code: str
    severity: Severity
    message: str
    remedy: str
    place: str | None = None


def error(code: str, message: str, remedy: str, place: str | None = None) -> Finding:
    """Return a finding that has to be mended."""
    return Finding(code, Severity.ERROR, message, remedy, place)


def warning(code: str, message: str, remedy: str, place: str | None = None) -> Finding:
    """Return a finding that should be mended."""
    return Finding(code, Severity.WARNING, message, remedy, place)


def note(code: str, message: str, remedy: str, place: str | None = None) -> Finding:
    """Return a finding that is good to know."""
    return Finding(code, Severity.NOTE, message, remedy, place)
