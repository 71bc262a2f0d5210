"""The result of a check."""

from dataclasses import dataclass
from enum import Enum


class Severity(str, Enum):
    """The severity of a finding."""

    ERROR = "error"
    """The app does not start or work, is not protected, or shows one user's data to others."""
    WARNING = "warning"
    """The app works, but is at risk."""
    NOTE = "note"
    """A limitation of this deployment, which needs no change."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One problem or limitation of a deployment.

    Attributes:
        code: A stable name.
        severity: The severity.
        message: A description, without secrets.
        remedy: What to do.
        place: The file and line, if the finding is about the source of the app.
    """

    code: str
    severity: Severity
    message: str
    remedy: str
    place: str | None = None


def error(code: str, message: str, remedy: str, place: str | None = None) -> Finding:
    """Return a finding with the severity error."""
    return Finding(code, Severity.ERROR, message, remedy, place)


def warning(code: str, message: str, remedy: str, place: str | None = None) -> Finding:
    """Return a finding with the severity warning."""
    return Finding(code, Severity.WARNING, message, remedy, place)


def note(code: str, message: str, remedy: str, place: str | None = None) -> Finding:
    """Return a finding with the severity note."""
    return Finding(code, Severity.NOTE, message, remedy, place)
